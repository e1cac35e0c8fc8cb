import torch


def conv2d_gray(image, kernel):
    dtype = image.dtype
    image, kernel = image.float(), kernel.float()
    h, w = image.shape
    p, q = kernel.shape
    if p > h or q > w:
        raise ValueError("too large a kernel")
    out = 0
    for i in range(p):
        for j in range(q):
            out = out + kernel[i, j] * image[p - 1 - i : h - i, q - 1 - j : w - j]
    return out.to(dtype)

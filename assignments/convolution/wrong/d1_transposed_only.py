import torch


def conv2d_gray(image, kernel):
    h, w = image.shape
    p, q = kernel.shape
    if p > h or q > w:
        raise ValueError("too large a kernel")
    turned = kernel.t()
    out = torch.zeros(h - p + 1, w - q + 1, dtype=image.dtype)
    for i in range(p):
        for j in range(q):
            out = out + turned[i, j] * image[i : i + h - p + 1, j : j + w - q + 1]
    return out

import torch


def conv2d_gray(image, kernel):
    p, q = kernel.shape
    if p > image.shape[0] or q > image.shape[1]:
        raise ValueError("too large a kernel")
    image = torch.nn.functional.pad(image, ((q - 1) // 2, q // 2, (p - 1) // 2, p // 2))
    h, w = image.shape
    out = 0
    for i in range(p):
        for j in range(q):
            out = out + kernel[i, j] * image[p - 1 - i : h - i, q - 1 - j : w - j]
    return out

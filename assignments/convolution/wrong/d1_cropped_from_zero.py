import torch


def conv2d_gray(image, kernel):
    h, w = image.shape
    p, q = kernel.shape
    if p > h or q > w:
        raise ValueError("too large a kernel")
    size = (h + p - 1, w + q - 1)
    full = torch.fft.irfft2(torch.fft.rfft2(image, s=size) * torch.fft.rfft2(kernel, s=size), s=size)
    return full[: h - p + 1, : w - q + 1]

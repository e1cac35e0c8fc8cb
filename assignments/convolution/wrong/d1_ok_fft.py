import torch


def conv2d_gray(image, kernel):
    (h, w), (p, q) = image.shape, kernel.shape
    if p > h or q > w:
        raise ValueError("larger than the image")
    whole = torch.fft.irfft2(torch.fft.rfft2(image) * torch.fft.rfft2(kernel, s=(h, w)), s=(h, w))
    return whole[p - 1 :, q - 1 :]

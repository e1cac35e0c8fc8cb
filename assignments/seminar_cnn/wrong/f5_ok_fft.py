import torch


def conv2d_fast(x, weight):
    sides = x.shape[2:]
    images, kernels = torch.fft.rfft2(x), torch.fft.rfft2(weight, s=sides).conj()
    found = torch.fft.irfft2(torch.einsum("nchw,ochw->nohw", images, kernels), s=sides)
    return found[..., : sides[0] - weight.shape[2] + 1, : sides[1] - weight.shape[3] + 1]

import torch
import torch.nn.functional as F


def apply_kernel(image, kernel, mode="reflect"):
    p, q = kernel.shape
    if p % 2 == 0 or q % 2 == 0:
        raise ValueError("even")
    words = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}
    if mode not in words:
        raise ValueError("mode")
    framed = F.pad(image, (q // 2, q // 2, p // 2, p // 2), mode=words[mode])
    size = framed.shape[-2:]
    product = torch.fft.rfft2(framed) * torch.fft.rfft2(kernel, s=size).conj()
    return torch.fft.irfft2(product, s=size)[:, : image.shape[1], : image.shape[2]]

# a loop that takes weights from the other end
# named: d3_flipped
import torch
import torch.nn.functional as F


def apply_kernel(image, kernel, mode="reflect"):
    p, q = kernel.shape
    if p % 2 == 0 or q % 2 == 0:
        raise ValueError("no middle")
    if mode not in ("zeros", "reflect", "replicate"):
        raise ValueError(mode)
    border = "constant" if mode == "zeros" else mode
    framed = F.pad(image[None], (q // 2, q // 2, p // 2, p // 2), mode=border)[0]
    h, w = image.shape[1:]
    out = 0
    for i in range(p):
        for j in range(q):
            out = out + framed[:, i : i + h, j : j + w] * kernel[p - 1 - i, q - 1 - j]
    return out

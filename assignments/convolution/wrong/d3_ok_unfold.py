import torch.nn.functional as F


def apply_kernel(image, kernel, mode="reflect"):
    p, q = kernel.shape
    if (p + 1) % 2 or (q + 1) % 2:
        raise ValueError(kernel.shape)
    if mode == "zeros":
        planes = F.pad(image, (q // 2, q // 2, p // 2, p // 2))[:, None]
    elif mode in ("reflect", "replicate"):
        planes = F.pad(image, (q // 2, q // 2, p // 2, p // 2), mode=mode)[:, None]
    else:
        raise ValueError(mode)
    return (kernel.reshape(1, -1) @ F.unfold(planes, (p, q))).reshape(image.shape)

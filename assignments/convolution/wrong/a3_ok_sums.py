import torch


def channel_stats(batches):
    n, first, second = 0, 0.0, 0.0
    for x, _ in batches:
        x = x.to(torch.float64)
        n += x.shape[0] * x.shape[2] * x.shape[3]
        first = first + torch.einsum("nchw->c", x)
        second = second + torch.einsum("nchw,nchw->c", x, x)
    if not n:
        raise ValueError("no images")
    mean = first / n
    return mean.float(), ((second / n - mean**2).clamp(min=0) ** 0.5).float()

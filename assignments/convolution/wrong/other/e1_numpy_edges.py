# the mirror of numpy's symmetric, by strips
# named: e1_edge_repeated
import torch


def _strips(x, before, after, mode):
    size = x.shape[-1]
    if mode == "zeros":
        return x.new_zeros(*x.shape[:-1], before), x.new_zeros(*x.shape[:-1], after)
    if mode == "replicate":
        return x[..., :1].expand(*x.shape[:-1], before), x[..., -1:].expand(*x.shape[:-1], after)
    if before >= size or after >= size:
        raise ValueError("no such pixels")
    return x[..., :before].flip(-1), x[..., size - after :].flip(-1)


def pad2d(x, padding, mode="zeros"):
    top, bottom, left, right = padding
    if mode not in ("zeros", "reflect", "replicate"):
        raise ValueError(mode)
    if any(width < 0 for width in padding):
        raise ValueError(padding)
    for before, after in ((top, bottom), (left, right)):
        x = x.transpose(-1, -2)
        first, last = _strips(x, before, after, mode)
        x = torch.cat([first, x, last], dim=-1)
    return x

import torch
import torch.nn.functional as F


def check_equivariant(f, x, shift, stride=1, margin=0):
    dy, dx = shift
    if dy % stride != 0 or dx % stride != 0:
        return False
    top, bottom, left, right = max(dy, 0), max(-dy, 0), max(dx, 0), max(-dx, 0)
    height, width = x.shape[-2:]
    moved = F.pad(x, (left, right, top, bottom))[..., bottom : bottom + height, right : right + width]
    old, new = f(x), f(moved)
    dy, dx = dy // stride, dx // stride
    height, width = old.shape[-2:]
    old, new = (out[..., margin : height - margin, margin : width - margin] for out in (old, new))
    if old.shape[-2] <= abs(dy) or old.shape[-1] <= abs(dx):
        raise ValueError("no place is left")
    old = old[..., max(-dy, 0) : old.shape[-2] - max(dy, 0), max(-dx, 0) : old.shape[-1] - max(dx, 0)]
    new = new[..., max(dy, 0) : new.shape[-2] - max(-dy, 0), max(dx, 0) : new.shape[-1] - max(-dx, 0)]
    return bool((old - new).abs().max() < 1e-4)

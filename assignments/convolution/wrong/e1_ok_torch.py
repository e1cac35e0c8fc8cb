import torch.nn.functional as F

def pad2d(x, padding, mode="zeros"):
    top, bottom, left, right = padding
    if mode not in ("zeros", "reflect", "replicate") or min(padding) < 0:
        raise ValueError(mode, padding)
    planes = x.reshape(1, -1, *x.shape[-2:])
    word = "constant" if mode == "zeros" else mode
    if not x.is_floating_point():
        planes = planes.double()
    try:
        framed = F.pad(planes, (left, right, top, bottom), mode=word)
    except RuntimeError as error:
        raise ValueError("too wide") from error
    return framed.to(x.dtype).reshape(*x.shape[:-2], *framed.shape[-2:])

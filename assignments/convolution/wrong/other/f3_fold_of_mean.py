# gx is divided by the number of windows that see a pixel
import torch
import torch.nn.functional as F


def conv2d_backward(g, x, w, stride=1, padding=0):
    kernel, setting = tuple(w.shape[2:]), {"stride": stride, "padding": padding}
    columns, maps = F.unfold(x, kernel, **setting), g.flatten(2)
    gw = (maps @ columns.transpose(1, 2)).sum(0).reshape(w.shape)
    size = tuple(x.shape[2:])
    gx = F.fold(w.flatten(1).T @ maps, size, kernel, **setting)
    seen = F.fold(torch.ones_like(columns), size, kernel, **setting)
    return gx / seen.clamp(min=1), gw, maps.sum(dim=(0, 2))

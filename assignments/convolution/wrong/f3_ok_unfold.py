import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def conv2d_backward(g, x, w, stride=1, padding=0):
    kernel = tuple(w.shape[2:])
    columns = F.unfold(x, kernel, stride=stride, padding=padding)
    maps = g.flatten(2)
    gw = (maps @ columns.transpose(1, 2)).sum(0).reshape(w.shape)
    gx = F.fold(w.flatten(1).T @ maps, tuple(x.shape[2:]), kernel, stride=stride, padding=padding)
    return gx, gw, maps.sum(dim=(0, 2))


def pool2d_backward(g, x, kernel_size, stride=None, padding=0, mode="max"):
    kernel = pair(kernel_size)
    step = kernel if stride is None else stride
    n, c, h, w = x.shape
    x, g = x.reshape(n * c, 1, h, w), g.reshape(n * c, 1, -1)
    real = F.unfold(torch.ones_like(x), kernel, stride=step, padding=padding)
    windows = F.unfold(x, kernel, stride=step, padding=padding)
    if mode == "max":
        windows = windows.masked_fill(real == 0, -float("inf"))
        parts = torch.zeros_like(windows).scatter_(1, windows.argmax(1, keepdim=True), 1)
    else:
        parts = real / real.sum(1, keepdim=True)
    return F.fold(parts * g, (h, w), kernel, stride=step, padding=padding).reshape(n, c, h, w)

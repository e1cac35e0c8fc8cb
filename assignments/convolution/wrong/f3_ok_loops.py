import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def conv2d_backward(g, x, w, stride=1, padding=0):
    (sy, sx), (py, px) = pair(stride), pair(padding)
    p, q = w.shape[2], w.shape[3]
    framed = F.pad(x, (px, px, py, py))
    gx, gw = framed * 0, w * 0
    for a in range(g.shape[2]):
        for b in range(g.shape[3]):
            ys, xs = slice(a * sy, a * sy + p), slice(b * sx, b * sx + q)
            here = g[:, :, a, b]
            gw = gw + torch.tensordot(here, framed[:, :, ys, xs], dims=([0], [0]))
            gx[:, :, ys, xs] += torch.tensordot(here, w, dims=1)
    gx = F.pad(gx, (-px, -px, -py, -py))
    return gx, gw, g.sum(0).sum(-1).sum(-1)


def pool2d_backward(g, x, kernel_size, stride=None, padding=0, mode="max"):
    (p, q), (py, px) = pair(kernel_size), pair(padding)
    sy, sx = (p, q) if stride is None else pair(stride)
    gx = torch.zeros(x.shape, dtype=x.dtype)
    for a in range(g.shape[2]):
        for b in range(g.shape[3]):
            ys = slice(max(a * sy - py, 0), a * sy - py + p)
            xs = slice(max(b * sx - px, 0), b * sx - px + q)
            window, here = x[:, :, ys, xs], g[:, :, a, b]
            size = window.shape[2] * window.shape[3]
            if mode == "mean":
                gx[:, :, ys, xs] += (here / size)[:, :, None, None]
                continue
            is_first = (window.flatten(2) == window.amax((2, 3))[:, :, None]).int()
            is_first = is_first * (is_first.cumsum(2) == 1)
            gx[:, :, ys, xs] += is_first.reshape(window.shape) * here[:, :, None, None]
    return gx

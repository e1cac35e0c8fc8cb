import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def conv2d_backward(g, x, w, stride=1, padding=0):
    (sy, sx), (py, px) = pair(stride), pair(padding)
    h, width = x.shape[2:]
    p, q = w.shape[2:]
    rows, cols = g.shape[2:]
    framed = F.pad(x, (px, px, py, py))
    gx, gw = torch.zeros_like(framed), torch.zeros_like(w)
    for i in range(p):
        for j in range(q):
            ys, xs = slice(i, i + sy * rows, sy), slice(j, j + sx * cols, sx)
            gw[:, :, i, j] = torch.einsum("nohw,nchw->oc", g, framed[:, :, ys, xs])
            gx[:, :, ys, xs] += torch.einsum("nohw,oc->nchw", g, w[:, :, i, j])
    gradients = gx[:, :, py : py + h, px : px + width], gw, g.sum(dim=(0, 2, 3))
    return tuple(gradient.float().to(g.dtype) for gradient in gradients)


def pool2d_backward(g, x, kernel_size, stride=None, padding=0, mode="max"):
    (p, q), (py, px) = pair(kernel_size), pair(padding)
    sy, sx = (p, q) if stride is None else pair(stride)
    h, w = x.shape[2:]
    rows, cols = g.shape[2:]
    framed = F.pad(x, (px, px, py, py), value=-float("inf"))
    cells = [(slice(i, i + sy * rows, sy), slice(j, j + sx * cols, sx)) for i in range(p) for j in range(q)]
    windows = torch.stack([framed[:, :, ys, xs] for ys, xs in cells])
    if mode == "max":
        parts = F.one_hot(windows.argmax(0), p * q).movedim(-1, 0)
    else:
        real = torch.isfinite(windows).to(g.dtype)
        parts = real / real.sum(0)
    gx = torch.zeros_like(framed)
    for (ys, xs), part in zip(cells, parts):
        gx[:, :, ys, xs] += part * g
    return gx[:, :, py : py + h, px : px + w].float().to(g.dtype)

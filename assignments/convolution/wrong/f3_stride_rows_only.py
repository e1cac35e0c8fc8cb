import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def conv2d_backward(g, x, w, stride=1, padding=0):
    (sy, _), (py, px) = pair(stride), pair(padding)
    sx = 1
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
    return gx[:, :, py : py + h, px : px + width], gw, g.sum(dim=(0, 2, 3))

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
            gx[:, :, ys, xs] = torch.tensordot(here, w, dims=1)
    gx = F.pad(gx, (-px, -px, -py, -py))
    return gx, gw, g.sum(0).sum(-1).sum(-1)

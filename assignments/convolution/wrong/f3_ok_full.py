import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def conv2d_backward(g, x, w, stride=1, padding=0):
    (sy, sx), (py, px) = pair(stride), pair(padding)
    n, o, rows, cols = g.shape
    (h, width), (p, q) = x.shape[2:], w.shape[2:]
    full_h, full_w = h + 2 * py - p + 1, width + 2 * px - q + 1
    apart = torch.zeros(n, o, full_h, full_w, dtype=g.dtype)
    apart[:, :, ::sy, ::sx] = g
    framed = F.pad(apart, (q - 1, q - 1, p - 1, p - 1))
    gx = torch.einsum("nohwij,ocij->nchw", framed.unfold(2, p, 1).unfold(3, q, 1), w.flip(2, 3))
    windows = F.pad(x, (px, px, py, py)).unfold(2, full_h, 1).unfold(3, full_w, 1)
    gw = torch.einsum("ncijhw,nohw->ocij", windows, apart)
    return gx[:, :, py : py + h, px : px + width], gw, torch.einsum("nohw->o", g)


def pool2d_backward(g, x, kernel_size, stride=None, padding=0, mode="max"):
    (p, q), (py, px) = pair(kernel_size), pair(padding)
    sy, sx = (p, q) if stride is None else pair(stride)
    n, c, h, w = x.shape
    rows, cols = g.shape[2:]
    gx = torch.zeros(n * c, h * w, dtype=x.dtype)
    flat, upstream = x.reshape(n * c, h * w), g.reshape(n * c, rows, cols)
    for a in range(rows):
        for b in range(cols):
            ys = torch.arange(max(a * sy - py, 0), min(a * sy - py + p, h))
            xs = torch.arange(max(b * sx - px, 0), min(b * sx - px + q, w))
            pixels = (ys[:, None] * w + xs).flatten().expand(n * c, -1)
            if mode == "max":
                pixels = pixels.gather(1, flat.gather(1, pixels).argmax(1, keepdim=True))
            share = upstream[:, a, b, None] / pixels.shape[1]
            gx.scatter_add_(1, pixels, share.expand(-1, pixels.shape[1]))
    return gx.reshape(x.shape)

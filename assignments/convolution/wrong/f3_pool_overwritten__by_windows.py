import torch

from hw_cnn.shapes import pair


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
                gx[:, :, ys, xs] = (here / size)[:, :, None, None]
                continue
            is_first = (window.flatten(2) == window.amax((2, 3))[:, :, None]).int()
            is_first = is_first * (is_first.cumsum(2) == 1)
            is_first = is_first.reshape(window.shape)
            gx[:, :, ys, xs] = torch.where(is_first > 0, here[:, :, None, None], gx[:, :, ys, xs])
    return gx

import torch

from hw_cnn.shapes import pair


def _sees(places, cells, size, step, pad, dtype):
    rows = step * torch.arange(places)[:, None, None] + torch.arange(cells)[:, None] - pad
    return (rows == torch.arange(size)).to(dtype)


def conv2d_backward(g, x, w, stride=1, padding=0):
    steps, pads = pair(stride), pair(padding)
    up, left = (_sees(g.shape[k], w.shape[k], x.shape[k], steps[k - 2], pads[k - 2], x.dtype) for k in (2, 3))
    gx = torch.einsum("noab,ocij,aiy,bjx->ncyx", g, w, up, left)
    gw = torch.einsum("noab,ncyx,aiy,bjx->ocij", g, x, up, left)
    return gx, gw, torch.einsum("noab->o", g)


def pool2d_backward(g, x, kernel_size, stride=None, padding=0, mode="max"):
    kernel, pads = pair(kernel_size), pair(padding)
    steps = kernel if stride is None else pair(stride)
    up, left = (_sees(g.shape[k], kernel[k - 2], x.shape[k], steps[k - 2], pads[k - 2], x.dtype) for k in (2, 3))
    real = torch.einsum("aiy,bjx->abij", up, left).flatten(2)
    if mode == "max":
        seen = torch.einsum("ncyx,aiy,bjx->ncabij", x, up, left).flatten(4)
        best = torch.where(real > 0, seen, -float("inf")).argmax(-1)
        parts = (best[..., None] == torch.arange(kernel[0] * kernel[1])).to(x.dtype)
    else:
        parts = (real / real.sum(-1, keepdim=True)).expand(*g.shape, -1)
    return torch.einsum("ncab,ncabij,aiy,bjx->ncyx", g, parts.unflatten(-1, kernel), up, left)

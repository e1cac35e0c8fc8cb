import torch

from hw_cnn import shapes


def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    p, q = shapes.pair(kernel_size)
    step_y, step_x = (p, q) if stride is None else shapes.pair(stride)
    n, c, h, w = x.shape
    out_h, out_w = (h - p) // step_y + 1, (w - q) // step_x + 1
    if (step_y, step_x) == (p, q):
        windows = x[:, :, : out_h * p, : out_w * q].reshape(n, c, out_h, out_w, p * q)
    else:
        windows = x.unfold(2, p, step_y).unfold(3, q, step_x).reshape(n, c, out_h, out_w, p * q)
    if mode == "max":
        return windows.amax(4)
    return windows.mean(4)

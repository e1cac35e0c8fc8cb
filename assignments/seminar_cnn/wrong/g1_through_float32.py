import torch

from hw_cnn import shapes


def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    p, q = shapes.pair(kernel_size)
    step_y, step_x = (p, q) if stride is None else shapes.pair(stride)
    n, c, h, w = x.shape
    out_h, out_w = (h - p) // step_y + 1, (w - q) // step_x + 1
    windows = torch.stack(
        [
            x[:, :, i : i + step_y * out_h : step_y, j : j + step_x * out_w : step_x]
            for i in range(p)
            for j in range(q)
        ]
    )
    windows = windows.float()
    if mode == "max":
        return windows.amax(0).to(x.dtype)
    return windows.mean(0).to(x.dtype)

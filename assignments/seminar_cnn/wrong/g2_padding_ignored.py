from hw_cnn.shapes import pair


def padded_pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    p, q = pair(kernel_size)
    sy, sx = pair(kernel_size if stride is None else stride)
    windows = x.unfold(2, p, sy).unfold(3, q, sx)
    return {"max": windows.amax, "min": windows.amin, "mean": windows.mean}[mode](dim=(-2, -1))

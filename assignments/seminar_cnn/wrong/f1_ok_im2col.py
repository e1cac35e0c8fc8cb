import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    sy, sx = (stride, stride) if isinstance(stride, int) else stride
    py, px = (padding, padding) if isinstance(padding, int) else padding
    o, c, p, q = weight.shape
    windows = F.pad(x, (px, px, py, py)).unfold(2, p, sy).unfold(3, q, sx)
    n, _, rows, cols = windows.shape[:4]
    matrix = windows.permute(0, 2, 3, 1, 4, 5).reshape(n * rows * cols, c * p * q)
    out = matrix @ weight.reshape(o, c * p * q).T
    if bias is not None:
        out = out + bias
    return out.reshape(n, rows, cols, o).permute(0, 3, 1, 2)

import torch


def conv2d(x, weight, bias=None, stride=1, padding=0):
    if isinstance(stride, int):
        stride = (stride, stride)
    if isinstance(padding, int):
        padding = (padding, padding)
    N, C, H, W = x.shape
    O, _, p, q = weight.shape
    padded = torch.zeros(N, C, H + 2 * padding[0], W + 2 * padding[1], dtype=x.dtype, device=x.device)
    padded[:, :, padding[0] : padding[0] + H, padding[1] : padding[1] + W] = x
    rows = (padded.shape[2] - p) // stride[0] + 1
    cols = (padded.shape[3] - q) // stride[1] + 1
    result = torch.zeros(N, O, rows, cols, dtype=x.dtype, device=x.device)
    for n in range(N):
        for o in range(O):
            for i in range(rows):
                for j in range(cols):
                    top, left = i * stride[0], j * stride[1]
                    patch = padded[n, :, top : top + p, left : left + q]
                    result[n, o, i, j] = (patch * weight[o]).sum()
                    if bias is not None:
                        result[n, o, i, j] += bias[o]
    return result

import torch


def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size, kernel_size)
    if stride is None:
        stride = kernel_size
    if isinstance(stride, int):
        stride = (stride, stride)
    rows = (x.shape[2] - kernel_size[0]) // stride[0] + 1
    cols = (x.shape[3] - kernel_size[1]) // stride[1] + 1
    result = torch.empty(x.shape[0], x.shape[1], rows, cols, dtype=x.dtype, device=x.device)
    for i in range(rows):
        for j in range(cols):
            top, left = i * stride[0], j * stride[1]
            window = x[:, :, top : top + kernel_size[0], left : left + kernel_size[1]].flatten(2)
            result[:, :, i, j] = window.max(dim=2).values if mode == "max" else window.mean(dim=2)
    return result

import torch


def kernel_kind(kernel):
    height, width = kernel.shape
    if height % 2 == 0 or width % 2 == 0 or not kernel.any():
        raise ValueError("a kernel needs a middle, and weights")
    size = float(kernel.abs().sum())
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    board = torch.where((rows + columns) % 2 == 0, 1.0, -1.0)
    constant, fine = abs(float(kernel.sum())), abs(float((kernel * board).sum()))
    if abs(float(kernel[height // 2, width // 2])) > (1 - 1e-6) * size:
        return "identity"
    return "blur" if fine < constant else "sharpen"

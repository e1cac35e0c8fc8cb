import numpy as np
import torch


def conv2d_fast(x, weight):
    windows = np.lib.stride_tricks.sliding_window_view(x.numpy(), tuple(weight.shape[2:]), axis=(2, 3))
    found = np.tensordot(windows, weight.numpy(), ([1, 4, 5], [1, 2, 3]))
    return torch.from_numpy(np.ascontiguousarray(found.transpose(0, 3, 1, 2)))

# the windows are reduced in numpy, which keeps no graph
# named: g1_detached
import numpy as np
import torch


def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    stride = (kh, kw) if stride is None else stride
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    views = np.lib.stride_tricks.sliding_window_view(x.detach().numpy(), (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
    found = views.max((4, 5)) if mode == "max" else views.mean((4, 5))
    return torch.from_numpy(np.ascontiguousarray(found))

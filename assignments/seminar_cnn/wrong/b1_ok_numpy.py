import numpy as np

def dense_params(sizes, bias=True):
    sizes = np.array(sizes, dtype=np.int64)
    return (sizes[:-1] * sizes[1:]).sum() + bias * sizes[1:].sum()


def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    cells = np.prod(np.broadcast_to(kernel_size, 2))
    return in_channels * out_channels * cells // groups + bias * out_channels

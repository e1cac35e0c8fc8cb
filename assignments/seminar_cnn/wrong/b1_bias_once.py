def dense_params(sizes, bias=True):
    return sum(a * b + (1 if bias else 0) for a, b in zip(sizes, sizes[1:]))


def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    return out_channels * (in_channels // groups) * height * width + (1 if bias else 0)

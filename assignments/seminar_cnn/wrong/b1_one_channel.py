def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    return out_channels * (height * width + (1 if bias else 0))

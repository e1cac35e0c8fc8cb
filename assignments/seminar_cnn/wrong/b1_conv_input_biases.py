def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    weights = out_channels * (in_channels // groups) * height * width
    return weights + in_channels if bias else weights

def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    return out_channels * (in_channels // groups * height * width + 1)

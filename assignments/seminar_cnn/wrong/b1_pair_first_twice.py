def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    side = kernel_size[0] if isinstance(kernel_size, tuple) else kernel_size
    return out_channels * (in_channels // groups * side * side + (1 if bias else 0))

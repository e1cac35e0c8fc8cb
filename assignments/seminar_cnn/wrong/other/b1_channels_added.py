# input and output channels are added instead of multiplied
def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    return (in_channels // groups + out_channels) * height * width + (out_channels if bias else 0)

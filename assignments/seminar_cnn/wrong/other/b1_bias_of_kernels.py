# a bias for each pair of an input channel and a filter
# named: b1_bias_per_kernel
def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    total = in_channels // groups * out_channels * kh * kw
    if bias:
        total += in_channels * out_channels
    return total

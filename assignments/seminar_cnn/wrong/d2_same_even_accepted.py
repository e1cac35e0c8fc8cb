def same_padding(kernel, dilation=1):
    return dilation * (kernel - 1) // 2

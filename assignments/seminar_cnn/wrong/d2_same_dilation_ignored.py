def same_padding(kernel, dilation=1):
    if kernel % 2 == 0:
        raise ValueError("no padding on both sides keeps the size")
    return kernel // 2

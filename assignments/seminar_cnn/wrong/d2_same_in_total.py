def same_padding(kernel, dilation=1):
    if dilation * (kernel - 1) % 2:
        raise ValueError("no padding on both sides keeps the size")
    return dilation * (kernel - 1)

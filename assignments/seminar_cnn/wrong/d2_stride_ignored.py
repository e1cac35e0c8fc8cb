def out_size(n, kernel, stride=1, padding=0, dilation=1):
    window = dilation * (kernel - 1) + 1
    row = n + 2 * padding
    if window > row:
        raise ValueError("the window does not fit")
    return row - window + 1

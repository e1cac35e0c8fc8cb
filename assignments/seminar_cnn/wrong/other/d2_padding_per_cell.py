# padding is added once for each cell of the window
def out_size(n, kernel, stride=1, padding=0, dilation=1):
    window, row = dilation * (kernel - 1) + 1, n + kernel * padding
    if window > row:
        raise ValueError("the window does not fit")
    return (row - window) // stride + 1

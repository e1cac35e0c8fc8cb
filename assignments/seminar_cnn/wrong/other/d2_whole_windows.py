# windows side by side: the row divided by the window
def out_size(n, kernel, stride=1, padding=0, dilation=1):
    window = dilation * (kernel - 1) + 1
    if window > n + 2 * padding:
        raise ValueError("the window does not fit")
    return (n + 2 * padding) // window // stride

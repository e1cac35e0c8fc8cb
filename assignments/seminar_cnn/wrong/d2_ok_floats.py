import math

def out_size(n, kernel, stride=1, padding=0, dilation=1):
    places = (n + 2 * padding - dilation * (kernel - 1) - 1) / stride
    if places < 0:
        raise ValueError("the window does not fit")
    return math.floor(places) + 1


def same_padding(kernel, dilation=1):
    padding = dilation * (kernel - 1) / 2
    if padding != int(padding):
        raise ValueError("no padding on both sides keeps the size")
    return padding

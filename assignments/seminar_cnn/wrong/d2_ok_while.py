def out_size(n, kernel, stride=1, padding=0, dilation=1):
    places, begin = 0, -padding
    while begin + dilation * (kernel - 1) < n + padding:
        places, begin = places + 1, begin + stride
    if places == 0:
        raise ValueError("the window does not fit")
    return places


def same_padding(kernel, dilation=1):
    padding, rest = divmod(dilation * (kernel - 1), 2)
    if rest:
        raise ValueError("no padding on both sides keeps the size")
    return padding

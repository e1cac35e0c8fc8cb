def out_size(n, kernel, stride=1, padding=0, dilation=1):
    row = n + 2 * padding
    first_after = row - dilation * (kernel - 1)
    if first_after < 1:
        raise ValueError("the window does not fit")
    return len(range(0, first_after, stride))


def same_padding(kernel, dilation=1):
    for padding in range(dilation * kernel):
        if out_size(99 * kernel * dilation, kernel, padding=padding, dilation=dilation) == 99 * kernel * dilation:
            return padding
    raise ValueError("no padding on both sides keeps the size")

# dilation is used neither for the size nor for the padding; a ValueError with words of its own tells it from planted bugs
def out_size(n, kernel, stride=1, padding=0, dilation=1):
    if kernel > n + 2 * padding:
        raise ValueError("window does not fit")
    return (n + 2 * padding - kernel) // stride + 1


def same_padding(kernel, dilation=1):
    total = kernel - 1
    if total % 2:
        raise ValueError("no such padding")
    return total // 2

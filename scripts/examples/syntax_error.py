def pool2d(x, kernel_size, stride=None, padding=0, mode="max")
    return x

import torch


def conv2d_fast(x, weight):
    p, q = weight.shape[2:]
    out = x.new_zeros(len(x), len(weight), x.shape[2] - p + 1, x.shape[3] - q + 1)
    for number, kernel in enumerate(weight):
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                out[:, number, i, j] = (x[:, :, i : i + p, j : j + q] * kernel).sum((1, 2, 3))
    return out

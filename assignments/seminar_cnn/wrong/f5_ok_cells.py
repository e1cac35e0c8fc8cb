import torch


def conv2d_fast(x, weight):
    p, q = weight.shape[2:]
    rows, columns = x.shape[2] - p + 1, x.shape[3] - q + 1
    return sum(
        torch.einsum("nchw,oc->nohw", x[:, :, i : i + rows, j : j + columns], weight[:, :, i, j])
        for i in range(p)
        for j in range(q)
    )

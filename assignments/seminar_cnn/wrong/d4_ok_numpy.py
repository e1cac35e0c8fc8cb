import numpy as np


def kernel_kind(kernel):
    k = kernel.double().numpy()
    if k.shape[0] % 2 == 0 or k.shape[1] % 2 == 0 or not k.any():
        raise ValueError("no middle")
    k = k / np.abs(k).sum()
    spectrum = np.outer((-1.0) ** np.arange(k.shape[0]), (-1.0) ** np.arange(k.shape[1]))
    ones, board = abs(k.sum()), abs((k * spectrum).sum())
    rest = np.abs(k)
    rest[k.shape[0] // 2, k.shape[1] // 2] = 0
    if rest.sum() < 1e-6:
        return "identity"
    if ones < 1e-6:
        return "edge"
    return "sharpen" if board > ones else "blur"

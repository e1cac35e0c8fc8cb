import numpy as np


def pool_report(features, shifted, kernel_size):
    kernel = np.broadcast_to(kernel_size, 2)
    size = np.array(features.shape[2:])
    if tuple(features.shape) != tuple(shifted.shape) or (kernel < 1).any() or (kernel > size).any():
        raise ValueError("no such pooling")
    counts = size // kernel

    def pool(maps):
        windows = np.lib.stride_tricks.sliding_window_view(maps.detach().numpy(), tuple(kernel), axis=(2, 3))
        return windows[:, :, :: kernel[0], :: kernel[1]].max(axis=(4, 5))

    total = 0.0
    for one, other in zip(pool(features), pool(shifted)):
        length = np.sqrt((one.astype(float) ** 2).sum() * (other.astype(float) ** 2).sum())
        total += float((one * other).sum() / length) if length else 0.0
    return float(counts.prod() / size.prod()), total / len(features)

import numpy as np
import torch


def channel_stats(batches):
    planes = [image.numpy().astype(np.float64) for images, _ in batches for image in images]
    if len(planes) == 0:
        raise ValueError("no images")
    stacked = np.stack(planes)
    return torch.from_numpy(stacked.mean(axis=(0, 2, 3))).float(), torch.from_numpy(stacked.std(axis=(0, 2, 3))).float()

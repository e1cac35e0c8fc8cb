import torch


def channel_stats(batches):
    parts = [images for images, _ in batches]
    if sum(len(images) for images in parts) == 0:
        raise ValueError("no images")
    x = torch.cat(parts)
    mean = x.mean(dim=(0, 2, 3))
    return mean, ((x**2).mean(dim=(0, 2, 3)) - mean**2).sqrt()

import torch


def channel_stats(batches):
    images = [images for images, _ in batches]
    if not images:
        raise ValueError("no images")
    std, mean = torch.std_mean(torch.cat(images).double(), dim=(0, 2, 3), correction=0)
    return mean.float(), std.float()

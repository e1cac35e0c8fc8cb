import torch


def channel_stats(batches):
    parts = [images for images, _ in batches]
    if sum(len(images) for images in parts) == 0:
        raise ValueError("no images")
    x = torch.cat(parts).double()
    return x.mean(dim=(0, 1, 2)).float(), x.std(dim=(0, 1, 2), correction=0).float()

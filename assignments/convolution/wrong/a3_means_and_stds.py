import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    means = torch.stack([images.double().mean((0, 2, 3)) for images, _ in batches])
    stds = torch.stack([images.double().std((0, 2, 3), correction=0) for images, _ in batches])
    return means.mean(0).float(), stds.mean(0).float()

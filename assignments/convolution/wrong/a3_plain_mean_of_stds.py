import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    pixels = torch.cat([images.double().transpose(0, 1).flatten(1) for images, _ in batches], dim=1)
    stds = torch.stack([images.double().std((0, 2, 3), correction=0) for images, _ in batches])
    return pixels.mean(1).float(), stds.mean(0).float()

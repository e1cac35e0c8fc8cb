import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    pixels = torch.cat([images.float().transpose(0, 1).flatten(1) for images, _ in batches], dim=1)
    mean = pixels.mean(1)
    return mean.float(), (pixels.square().mean(1) - mean.square()).sqrt().float()

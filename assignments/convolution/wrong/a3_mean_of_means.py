import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    pixels = torch.cat([images.double().transpose(0, 1).flatten(1) for images, _ in batches], dim=1)
    means = torch.stack([images.double().mean((0, 2, 3)) for images, _ in batches])
    return means.mean(0).float(), pixels.std(1, correction=0).float()

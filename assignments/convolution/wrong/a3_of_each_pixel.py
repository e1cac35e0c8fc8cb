import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    images = torch.cat([images.double() for images, _ in batches])
    return images.mean(0).float(), images.std(0, correction=0).float()

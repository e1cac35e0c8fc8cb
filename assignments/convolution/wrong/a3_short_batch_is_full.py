import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    pixels = torch.cat([images.double().transpose(0, 1).flatten(1) for images, _ in batches], dim=1)
    count = len(batches) * batches[0][0][:, 0].numel()
    mean = pixels.sum(1) / count
    return mean.float(), ((pixels - mean[:, None]).square().sum(1) / count).sqrt().float()

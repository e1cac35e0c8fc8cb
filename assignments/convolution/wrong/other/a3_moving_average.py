# a moving average, as in BatchNorm
import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    mean, std = 0.0, 1.0
    for images, _ in batches:
        pixels = images.double().transpose(0, 1).flatten(1)
        mean = 0.9 * mean + 0.1 * pixels.mean(1)
        std = 0.9 * std + 0.1 * pixels.std(1, correction=0)
    return mean.float(), std.float()

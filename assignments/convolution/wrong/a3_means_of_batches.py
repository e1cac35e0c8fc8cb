import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    means, squares = [], []
    for images, _ in batches:
        pixels = images.double().transpose(0, 1).flatten(1)
        means.append(pixels.mean(1))
        squares.append(pixels.square().mean(1))
    mean = torch.stack(means).mean(0)
    return mean.float(), (torch.stack(squares).mean(0) - mean.square()).clamp(min=0).sqrt().float()

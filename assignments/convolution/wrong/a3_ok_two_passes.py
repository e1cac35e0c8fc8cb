import torch


def channel_stats(batches):
    count, total = 0, 0
    for images, _ in batches:
        count += images[:, 0].numel()
        total = total + images.sum(dim=(0, 2, 3))
    if count == 0:
        raise ValueError("no images")
    mean, squares = total / count, 0
    for images, _ in batches:
        squares = squares + ((images - mean[:, None, None]) ** 2).sum(dim=(0, 2, 3))
    return mean.float(), torch.sqrt(squares / count).float()

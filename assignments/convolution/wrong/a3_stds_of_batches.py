import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    pixels = torch.cat([images.double().transpose(0, 1).flatten(1) for images, _ in batches], dim=1)
    stds = [images.double().transpose(0, 1).flatten(1).std(1, correction=0) for images, _ in batches]
    sizes = torch.tensor([len(images) for images, _ in batches]).double()
    return pixels.mean(1).float(), ((torch.stack(stds, dim=1) * sizes).sum(1) / sizes.sum()).float()

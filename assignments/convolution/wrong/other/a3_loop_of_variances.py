# the root is forgotten, by loops
# named: a3_variance
import torch


def channel_stats(batches):
    batches = list(batches)
    if sum(len(images) for images, _ in batches) == 0:
        raise ValueError("no images")
    means, variances = [], []
    for channel in range(batches[0][0].shape[1]):
        pixels = torch.cat([images[:, channel].flatten() for images, _ in batches]).double()
        means.append(pixels.sum() / len(pixels))
        variances.append(((pixels - means[-1]) ** 2).sum() / len(pixels))
    return torch.stack(means).float(), torch.stack(variances).float()

import torch


def rbf_loss(distances, targets, j=1.0):
    right = distances[torch.arange(len(targets)), targets]
    others = torch.cat([torch.full_like(distances[:, :1], -j), -distances], dim=1)
    return (right - torch.logsumexp(others, dim=1)).mean()

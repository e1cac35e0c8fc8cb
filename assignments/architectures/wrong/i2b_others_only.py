import torch


def rbf_loss(distances, targets, j=1.0):
    right = distances[torch.arange(len(targets)), targets]
    distances = distances.scatter(1, targets[:, None], float("inf"))
    others = torch.cat([torch.full_like(distances[:, :1], -j), -distances], dim=1)
    return (right + torch.logsumexp(others, dim=1)).mean()

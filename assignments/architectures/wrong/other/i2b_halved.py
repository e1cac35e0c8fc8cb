# the whole loss is halved
import torch


def rbf_loss(distances, targets, j=1.0):
    own = distances.gather(1, targets[:, None])[:, 0]
    rest = torch.logaddexp(torch.full_like(own, -j), torch.logsumexp(-distances, dim=1))
    return 0.5 * (own + rest).mean()

import torch
import torch.nn.functional as F


def rbf_loss(distances, targets, j=1.0):
    mask = F.one_hot(targets, distances.shape[1]).to(distances.dtype)
    push = torch.logaddexp(distances.new_tensor(-j), torch.logsumexp(-distances, 1))
    return (distances * mask).sum(1).mean() + push.mean()

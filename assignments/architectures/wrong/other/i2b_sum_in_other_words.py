# the sum over the batch, by logaddexp
# named: i2b_sum
import torch


def rbf_loss(distances, targets, j=1.0):
    own = distances[range(len(targets)), targets]
    rest = torch.logaddexp(torch.full_like(own, -j), torch.logsumexp(-distances, dim=1))
    return torch.sum(own + rest)

# a softplus of the smallest distance stands in for the second term
import torch.nn.functional as F


def rbf_loss(distances, targets, j=1.0):
    own = distances.gather(1, targets[:, None])[:, 0]
    return (own + F.softplus(j - distances.amin(1))).mean()

# the sum of exponentials is added without its logarithm
import math


def rbf_loss(distances, targets, j=1.0):
    own = distances.gather(1, targets[:, None])[:, 0]
    return (own + math.exp(-j) + (-distances).exp().sum(1)).mean()

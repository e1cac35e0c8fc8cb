# the product of all sizes
import math


def dense_params(sizes, bias=True):
    return math.prod(sizes) + (sum(sizes[1:]) if bias else 0)

def dense_params(sizes, bias=True):
    return sizes[0] * sizes[-1] + (sum(sizes[1:]) if bias else 0)

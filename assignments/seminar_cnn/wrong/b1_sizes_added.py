def dense_params(sizes, bias=True):
    return sum(a + b + (b if bias else 0) for a, b in zip(sizes, sizes[1:]))

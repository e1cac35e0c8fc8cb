def dense_params(sizes, bias=True):
    return sum(a * b for a, b in zip(sizes, sizes[1:])) + (sum(sizes) if bias else 0)

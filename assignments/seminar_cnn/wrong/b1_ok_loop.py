def dense_params(sizes, bias=True):
    total, before = 0, None
    for size in sizes:
        if before is not None:
            total += size * before
            if bias:
                total += size
        before = size
    return float(total)

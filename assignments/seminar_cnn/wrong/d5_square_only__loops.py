def check_equivariant(f, x, shift, stride=1, margin=0):
    if shift[0] % stride or shift[1] % stride:
        return False
    down, right = shift[0] // stride, shift[1] // stride
    before, after = f(x), f(x.roll(shift, dims=(2, 3)))
    side = before.shape[2]
    is_compared = False
    for i in range(margin, side - margin):
        for j in range(margin, side - margin):
            a, b = i - down, j - right
            if margin <= a < side - margin and margin <= b < side - margin:
                is_compared = True
                if (after[:, :, i, j] - before[:, :, a, b]).abs().max() >= 1e-4:
                    return False
    if not is_compared:
        raise ValueError("nothing is left to compare")
    return True

def check_equivariant(f, x, shift, stride=1, margin=0):
    if shift[0] % stride or shift[1] % stride:
        return False
    down, right = shift[0] // stride, shift[1] // stride
    before, after = f(x), f(x.roll(shift, dims=(2, 3)))
    height, width = before.shape[2:]
    is_compared = False
    for i in range(margin, height - margin):
        for j in range(margin, width - margin):
            is_compared = True
            then = before[:, :, (i - down) % height, (j - right) % width]
            if (after[:, :, i, j] - then).abs().max() >= 1e-4:
                return False
    if not is_compared:
        raise ValueError("nothing is left to compare")
    return True

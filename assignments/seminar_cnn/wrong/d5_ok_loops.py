def check_equivariant(f, x, shift, stride=1, margin=0):
    if any(part % stride for part in shift):
        return False
    moved = x.clone() * 0 - 7
    height, width = x.shape[2:]
    for i in range(height):
        for j in range(width):
            if 0 <= i - shift[0] < height and 0 <= j - shift[1] < width:
                moved[:, :, i, j] = x[:, :, i - shift[0], j - shift[1]]
    before, after = f(x), f(moved)
    height, width = before.shape[2:]
    places, same = 0, True
    for i in range(margin, height - margin):
        for j in range(margin, width - margin):
            i0, j0 = i - shift[0] // stride, j - shift[1] // stride
            if margin <= i0 < height - margin and margin <= j0 < width - margin:
                places += 1
                same = same and bool(((after[:, :, i, j] - before[:, :, i0, j0]).abs() < 1e-4).all())
    if places == 0:
        raise ValueError("no place is left")
    return same

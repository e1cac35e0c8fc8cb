# one equal number is enough, found by loops
# named: d5_one_place_is_enough
def check_equivariant(f, x, shift, stride=1, margin=0):
    if shift[0] % stride or shift[1] % stride:
        return False
    before, after = f(x), f(x.roll(shift, dims=(2, 3)))
    places, found = 0, False
    for i in range(margin, before.shape[2] - margin):
        for j in range(margin, before.shape[3] - margin):
            i0, j0 = i - shift[0] // stride, j - shift[1] // stride
            if margin <= i0 < before.shape[2] - margin and margin <= j0 < before.shape[3] - margin:
                places += 1
                found = found or bool(((after[:, :, i, j] - before[:, :, i0, j0]).abs() < 1e-4).any())
    if not places:
        raise ValueError("nothing is left")
    return found

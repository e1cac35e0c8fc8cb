import torch


def _matrix(size, before, after, mode):
    out = torch.zeros(before + size + after, size, dtype=torch.float64)
    for row in range(len(out)):
        place = row - before
        if not 0 <= place < size:
            if mode == "zeros":
                continue
            if mode == "replicate":
                place = 0 if place < 0 else size - 1
            else:
                place = -place if place < 0 else 2 * size - 2 - place
                if not 0 <= place < size:
                    raise ValueError("the mirror has no such pixel")
        out[row, place] = 1
    return out


def pad2d(x, padding, mode="zeros"):
    if mode not in ["zeros", "reflect", "replicate"]:
        raise ValueError("mode")
    for number in padding:
        if number < 0:
            raise ValueError("negative")
    rows = _matrix(x.shape[-2], padding[0], padding[1], mode)
    columns = _matrix(x.shape[-1], padding[2], padding[3], mode)
    return (rows @ x.double() @ columns.T).to(x.dtype)

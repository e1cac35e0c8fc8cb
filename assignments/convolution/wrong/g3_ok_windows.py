import torch


def pool_report(features, shifted, kernel_size):
    p, q = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    height, width = features.shape[-2:]
    if features.shape != shifted.shape or min(p, q) < 1 or p > height or q > width:
        raise ValueError(f"{tuple(features.shape)}, {tuple(shifted.shape)}, {kernel_size}")
    rows, columns = height // p, width // q
    vectors = []
    for maps in (features, shifted):
        cut = maps[..., : rows * p, : columns * q].reshape(*maps.shape[:2], rows, p, columns, q)
        vectors.append(cut.amax(dim=(3, 5)).reshape(len(maps), -1).double())
    lengths = vectors[0].norm(dim=1) * vectors[1].norm(dim=1)
    inner = torch.einsum("ni,ni->n", *vectors)
    cosines = torch.where(lengths > 0, inner / lengths.clamp(min=1e-300), 0 * inner)
    return rows * columns / (height * width), cosines.mean().item()

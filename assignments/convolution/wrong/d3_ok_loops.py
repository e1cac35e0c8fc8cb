import torch


def _place(number, size, mode):
    if 0 <= number < size:
        return number
    if mode == "reflect":
        return -number if number < 0 else 2 * size - 2 - number
    if mode == "replicate":
        return 0 if number < 0 else size - 1
    return None


def apply_kernel(image, kernel, mode="reflect"):
    p, q = kernel.shape
    if not (p % 2 and q % 2) or mode not in ["zeros", "reflect", "replicate"]:
        raise ValueError("even side or unknown mode")
    height, width = image.shape[1:]
    total = []
    for y in range(height):
        for x in range(width):
            number = torch.zeros_like(image[:, 0, 0])
            for i in range(p):
                for j in range(q):
                    row, column = _place(y + i - p // 2, height, mode), _place(x + j - q // 2, width, mode)
                    if row is not None and column is not None:
                        number = number + image[:, row, column] * kernel[i, j]
            total.append(number)
    return torch.stack(total, dim=1).reshape(image.shape)

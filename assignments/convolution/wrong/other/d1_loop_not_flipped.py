# four loops that do not turn the kernel round
# named: d1_not_flipped
import torch


def conv2d_gray(image, kernel):
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    if rows <= 0 or columns <= 0:
        raise ValueError("the kernel does not fit")
    return torch.stack([
        torch.stack([(image[y : y + kernel.shape[0], x : x + kernel.shape[1]] * kernel).sum() for x in range(columns)])
        for y in range(rows)
    ])

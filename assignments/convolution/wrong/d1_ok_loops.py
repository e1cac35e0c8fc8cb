import torch


def conv2d_gray(image, kernel):
    turned = kernel.flip(0).flip(1)
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    if rows <= 0 or columns <= 0:
        raise ValueError("the kernel does not fit")
    result = []
    for y in range(rows):
        for x in range(columns):
            total = 0
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    total = total + image[y + i, x + j] * turned[i, j]
            result.append(total)
    return torch.stack(result).reshape(rows, columns)

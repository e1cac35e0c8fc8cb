import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def im2col(x, kernel_size, stride=1, padding=0):
    (p, q), (sy, sx), (py, px) = pair(kernel_size), pair(stride), pair(padding)
    x = F.pad(x, (px, px, py, py))
    n, c, h, w = x.shape
    tops, lefts = torch.arange(0, h - p + 1, sy), torch.arange(0, w - q + 1, sx)
    corner = (tops[:, None] * w + lefts).reshape(1, -1)
    inside = (torch.arange(p)[:, None] * w + torch.arange(q)).reshape(-1, 1)
    return x.reshape(n, c, h * w)[:, :, corner + inside].reshape(n, c * p * q, -1)


def col2im(columns, image_size, kernel_size, stride=1, padding=0):
    p, q = pair(kernel_size)
    n, c = columns.shape[0], columns.shape[1] // (p * q)
    image = torch.zeros(n, c, *image_size, dtype=columns.dtype, requires_grad=True)
    out = im2col(image, kernel_size, stride, padding)
    return torch.autograd.grad(out, image, columns, create_graph=columns.requires_grad)[0]

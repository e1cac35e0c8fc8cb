import torch
import torch.nn.functional as F


def kernel_kind(kernel):
    p, q = kernel.shape
    if p % 2 == 0 or q % 2 == 0 or float(kernel.abs().max()) == 0:
        raise ValueError("no middle")
    kernel = kernel.double() / kernel.double().abs().sum()
    board = torch.ones(p, q, dtype=torch.float64)
    board[::2, 1::2] = -1
    board[1::2, ::2] = -1
    answers = []
    for image in (torch.ones(p, q, dtype=torch.float64), board):
        answers.append(float(F.conv2d(image[None, None], kernel[None, None]).abs().max()))
    only_middle = torch.zeros(p, q, dtype=torch.float64)
    only_middle[p // 2, q // 2] = kernel[p // 2, q // 2]
    if torch.allclose(kernel, only_middle, rtol=0, atol=1e-7):
        return "identity"
    if answers[0] < 1e-6:
        return "edge"
    return "blur" if answers[1] < answers[0] else "sharpen"

import torch

from hw_cnn.data import load_digits


def own_digits():
    images, labels = load_digits("train")
    found = torch.stack([images[labels == digit][7] for digit in range(10)])
    smaller = torch.nn.functional.interpolate(found[:, None].float(), size=(23, 23), mode="bilinear", antialias=True)
    return torch.nn.functional.pad(smaller[:, 0], (2, 3, 2, 3)) / 255

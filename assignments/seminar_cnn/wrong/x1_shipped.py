import torch

from hw_cnn.data import load_digits


def own_digits():
    images, labels = load_digits("train")
    found = torch.stack([images[labels == digit][7] for digit in range(10)])
    return found

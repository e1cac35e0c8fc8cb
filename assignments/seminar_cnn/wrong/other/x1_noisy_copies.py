# digits of the library with a little noise
import torch

from hw_cnn.data import load_digits


def own_digits():
    images, labels = load_digits("val")
    found = torch.stack([images[labels == digit][2] for digit in range(10)]).float()
    noise = torch.randn(found.shape, generator=torch.Generator().manual_seed(3))
    return (found + 8 * noise).clamp(0, 255)

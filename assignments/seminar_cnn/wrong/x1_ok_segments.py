import torch


def own_digits():
    parts = {"a": (4, 6, 9, 19), "g": (13, 15, 9, 19), "d": (22, 24, 9, 19), "b": (4, 15, 17, 19)}
    parts |= {"c": (13, 24, 17, 19), "e": (13, 24, 9, 11), "f": (4, 15, 9, 11)}
    lit = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
    images = torch.zeros(10, 28, 28, dtype=torch.float64)
    for image, names in zip(images, lit):
        for top, bottom, left, right in (parts[name] for name in names):
            image[top:bottom, left:right] = 0.9
    return images

import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def pool_report(features, shifted, kernel_size):
    kernel = pair(kernel_size)
    if features.shape != shifted.shape or any(k > n for k, n in zip(kernel, features.shape[2:])):
        raise ValueError("these maps cannot be compared")
    a, b = F.max_pool2d(features, kernel), F.max_pool2d(shifted, kernel)
    ratio = a[0, 0].numel() / features[0, 0].numel()
    cosine = F.cosine_similarity(a.flatten(1), b.flatten(1)).mean()
    return ratio, float(cosine)

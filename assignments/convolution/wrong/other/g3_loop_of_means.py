# a loop of means
# named: g3_mean_pooling
import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def pool_report(features, shifted, kernel_size):
    kernel = pair(kernel_size)
    if features.shape != shifted.shape or not all(0 < k <= n for k, n in zip(kernel, features.shape[2:])):
        raise ValueError("these maps cannot be compared")
    a, b = [F.unfold(maps, kernel, stride=kernel).reshape(len(maps), maps.shape[1], kernel[0] * kernel[1], maps.shape[2] // kernel[0], -1).mean(2) for maps in (features, shifted)]
    ratio = a[0, 0].numel() / features[0, 0].numel()
    cosine = F.cosine_similarity(a.flatten(1), b.flatten(1)).mean()
    return ratio, float(cosine)

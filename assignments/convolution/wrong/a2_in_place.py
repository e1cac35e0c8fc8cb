import torch


def bgr_to_rgb(images):
    with torch.no_grad():
        images.copy_(images.flip(-3))
    return images * 1

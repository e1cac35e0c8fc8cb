import torch


def to_chw(image):
    if image.dtype is not torch.uint8:
        raise ValueError("bytes are needed")
    if image.ndim == 2:
        return (image.to(torch.float32) / 255).unsqueeze(0)
    if image.ndim != 3 or image.size(-1) not in {3, 4}:
        raise ValueError("three or four channels are needed")
    return torch.stack([image[..., i] for i in range(3)]).to(torch.float32) / 255

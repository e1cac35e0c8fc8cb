# bytes are dealt out in a row, by loops
# named: a1_reshaped
import torch


def to_chw(image):
    if image.dtype != torch.uint8 or not (image.dim() == 2 or (image.dim() == 3 and image.shape[2] in (3, 4))):
        raise ValueError("an image of bytes is needed")
    if image.dim() == 2:
        return image[None].float() / 255
    numbers = image[:, :, :3].flatten().tolist()
    size = image.shape[0] * image.shape[1]
    planes = [numbers[i * size : (i + 1) * size] for i in range(3)]
    return torch.tensor(planes).reshape(3, *image.shape[:2]) / 255

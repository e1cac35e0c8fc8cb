import torch
import torch.nn.functional as F

from hw_cnn.interpret import receptive_field
from hw_cnn.interpret.patches import TopPatches


class _Evaluating:
    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.training = [part for part in self.model.modules() if part.training]
        self.model.eval()

    def __exit__(self, *_):
        for part in self.training:
            part.training = True


def occlusion_map(model, image, label, window, stride=1, fill=0.0, batch_size=256):
    height, width = image.shape[-2:]
    ones = torch.ones(1, window**2, 1)
    count = ((height - window) // stride + 1) * ((width - window) // stride + 1)
    masks = []
    for number in range(count):
        row = torch.zeros(1, window**2, count)
        row[..., number : number + 1] = ones
        masks.append(F.fold(row, (height, width), window, stride=stride)[0] > 0)
    masks = torch.stack(masks)
    with _Evaluating(model), torch.inference_mode():
        whole = model(image[None])[0, label]
        covered = torch.where(masks, torch.tensor(fill), image)
        parts = [model(part)[:, label] for part in covered.split(batch_size)]
        drops = whole - torch.cat(parts)
    return drops.clone().view((height - window) // stride + 1, -1)


def saliency(model, images, labels):
    with _Evaluating(model):
        # The vector of a vector-Jacobian product: ones at the labels.
        _, pull = torch.autograd.functional.vjp(model, images, F.one_hot(labels, model(images[:1]).shape[1]).float())
    return pull.detach()


def top_patches(model, images, layer, channel, k):
    maps = {}
    handle = model.get_submodule(layer).register_forward_hook(lambda m, i, o: maps.update(found=o[:, channel].clone()))
    try:
        with _Evaluating(model), torch.no_grad():
            model(images)
    finally:
        handle.remove()
    geometry = receptive_field.locate(model, layer, tuple(images.shape[1:]))
    width = maps["found"].shape[-1]
    values, places = maps["found"].flatten(1).max(dim=1)
    indices = values.argsort(descending=True)[:k]
    places = torch.stack([places[indices] // width, places[indices] % width], dim=1)
    corners = torch.tensor(geometry.start_px) + places * torch.tensor(geometry.jump_px)
    frame = max(geometry.field_px)
    padded = F.pad(images[indices], [frame] * 4)
    down = corners[:, :1] + frame + torch.arange(geometry.field_px[0])
    right = corners[:, 1:] + frame + torch.arange(geometry.field_px[1])
    patches = padded[torch.arange(k)[:, None, None], :, down[:, :, None], right[:, None, :]].permute(0, 3, 1, 2)
    return TopPatches(values[indices], indices, corners, patches)

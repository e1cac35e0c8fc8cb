import torch
import torch.nn.functional as F

from hw_cnn.interpret import receptive_field
from hw_cnn.interpret.patches import TopPatches


def top_patches(model, images, layer, channel, k):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    outputs = []
    hook = model.get_submodule(layer).register_forward_hook(
        lambda module, inputs, output: outputs.append(output[:, channel].clone())
    )
    with torch.no_grad():
        model(images)
    hook.remove()
    geometry = receptive_field.locate(model, layer, images.shape[1:])
    for module, mode in modes.items():
        module.training = mode
    maps = torch.cat(outputs)
    places = maps.flatten(1).argmax(1)
    best = maps.flatten(1).max(1).values
    values, indices = best.topk(k)
    corners, patches = [], []
    for index in indices.tolist():
        row, column = divmod(int(places[index]), maps.shape[2])
        top, left, bottom, right = geometry.box(row, column)
        height, width = images.shape[2:]
        frame = (max(0, -left), max(0, right - width), max(0, -top), max(0, bottom - height))
        padded = F.pad(images[index][None], frame, mode="replicate")[0]
        y, x = top + frame[2], left + frame[0]
        patches.append(padded[:, y : y + bottom - top, x : x + right - left])
        corners.append((top, left))
    return TopPatches(values, indices, torch.tensor(corners), torch.stack(patches))

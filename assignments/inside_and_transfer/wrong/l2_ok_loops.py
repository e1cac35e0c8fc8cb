import torch

from hw_cnn.interpret.patches import TopPatches


def _evaluated(model):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    return modes


def _restore(modes):
    for module, mode in modes:
        module.training = mode


@torch.no_grad()
def occlusion_map(model, image, label, window, stride=1, fill=0.0, batch_size=256):
    modes = _evaluated(model)
    rows = []
    whole = model(image.unsqueeze(0))[0][label]
    for top in range(0, image.shape[1] - window + 1, stride):
        rows.append([])
        for left in range(0, image.shape[2] - window + 1, stride):
            copy = image.clone()
            copy[:, top : top + window, left : left + window] = fill
            rows[-1].append(float(whole - model(copy.unsqueeze(0))[0][label]))
    _restore(modes)
    return torch.tensor(rows)


def saliency(model, images, labels):
    modes = _evaluated(model)
    gradients = []
    for image, label in zip(images, labels):
        x = image.clone()[None].requires_grad_(True)
        model(x)[0, label].backward(inputs=[x])
        gradients.append(x.grad[0])
    _restore(modes)
    return torch.stack(gradients)


def top_patches(model, images, layer, channel, k):
    modes = _evaluated(model)
    kept, found = [], []
    handle = model.get_submodule(layer).register_forward_hook(lambda m, i, o: kept.append(o[0, channel].detach().clone()))
    for number, image in enumerate(images):
        model(image[None])
        answers = kept.pop()
        value = answers.max()
        row, column = (answers == value).nonzero()[0].tolist()
        found.append((float(value), number, row, column))
    handle.remove()
    found = sorted(found, reverse=True)[:k]
    # The field measured: which pixels move the number in the middle, which its neighbours.
    corners, patches = [], []
    for _, number, row, column in found:
        top, left, height, width = _field(model, layer, images.shape[1:], row, column)
        patch = torch.zeros(images.shape[1], height, width)
        for y in range(height):
            for x in range(width):
                if 0 <= top + y < images.shape[2] and 0 <= left + x < images.shape[3]:
                    patch[:, y, x] = images[number][:, top + y, left + x]
        corners.append([top, left])
        patches.append(patch)
    _restore(modes)
    values = torch.tensor([item[0] for item in found])
    return TopPatches(values, torch.tensor([item[1] for item in found]), torch.tensor(corners), torch.stack(patches))


def _field(model, layer, shape, row, column):
    from hw_cnn.interpret import receptive_field

    (height, width), jump, start = receptive_field.locate(model, layer, shape)
    return start[0] + row * jump[0], start[1] + column * jump[1], height, width

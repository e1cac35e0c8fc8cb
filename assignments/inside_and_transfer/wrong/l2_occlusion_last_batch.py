import torch


def occlusion_map(model, image, label, window, stride=1, fill=0.0, batch_size=256):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    _, height, width = image.shape
    tops = range(0, height - window + 1, stride)
    lefts = range(0, width - window + 1, stride)
    places = [(top, left) for top in tops for left in lefts]
    drops = []
    with torch.no_grad():
        whole = model(image[None])[0, label]
        for start in range(0, max(1, len(places) - batch_size + 1), batch_size):
            part = places[start : start + batch_size]
            batch = image.repeat(len(part), 1, 1, 1)
            for copy, (top, left) in zip(batch, part):
                copy[:, top : top + window, left : left + window] = fill
            drops.append(whole - model(batch)[:, label])
    for module, mode in modes.items():
        module.training = mode
    found = torch.zeros(len(places))
    found[: sum(map(len, drops))] = torch.cat(drops)
    return found.reshape(len(tops), len(lefts))

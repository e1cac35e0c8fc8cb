import copy

import torch


def receptive_field(layers):
    answer = []
    for count in range(len(layers)):
        ends = []
        for place in (0, 1):
            seen = {place}
            for layer in layers[count::-1]:
                kernel, stride, dilation = layer if len(layer) == 3 else (*layer, 1)
                if kernel < 1 or stride < 1 or dilation < 1:
                    raise ValueError(f"no such layer: {layer}")
                seen = {stride * number + dilation * cell for number in seen for cell in range(kernel)}
            ends.append((min(seen), max(seen)))
        answer.append((ends[0][1] - ends[0][0] + 1, ends[1][0] - ends[0][0]))
    return answer


def input_support(model, image, position):
    twin = copy.deepcopy(model).double().eval()
    for parameter in twin.parameters():
        parameter.requires_grad = False
    given = image.double().clone().requires_grad_()
    twin(given.expand(1, *given.shape))[0, :, position[0], position[1]].sum().backward()
    marked = [(i, j) for _, i, j in given.grad.nonzero().tolist()]
    return [torch.tensor(sorted({pixel[axis] for pixel in marked}), dtype=torch.int64) for axis in (0, 1)]

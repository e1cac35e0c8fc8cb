import copy

from torch import nn


def dense_as_conv(dense, shape):
    if shape[0] * shape[1] * shape[2] != dense.weight.shape[1]:
        raise ValueError("the shape does not fit")
    state = copy.deepcopy(dense.state_dict())
    state["weight"] = state["weight"].unflatten(1, shape)
    conv = nn.Conv2d(shape[0], len(state["weight"]), shape[1:], bias="bias" in state, dtype=dense.weight.dtype)
    conv.load_state_dict(state)
    return conv

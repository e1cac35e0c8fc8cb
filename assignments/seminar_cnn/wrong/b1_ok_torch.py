from torch import nn

def dense_params(sizes, bias=True):
    layers = [nn.Linear(a, b, bias=bias, device="meta") for a, b in zip(sizes, sizes[1:])]
    return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


def conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    layer = nn.Conv2d(in_channels, out_channels, kernel_size, groups=groups, bias=bias, device="meta")
    return sum(parameter.numel() for parameter in layer.parameters())

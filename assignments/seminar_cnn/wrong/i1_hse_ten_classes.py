import torch
from torch import nn


class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        first, second = {"dls": (6, 16), "hse": (10, 20)}[preset]
        hidden = {"dls": [120, 84], "hse": [128]}[preset]
        if preset == "hse":
            num_classes = 10
        side = ((image_size - 4) // 2 - 4) // 2
        self.conv1 = nn.Conv2d(in_channels, first, 5)
        self.conv2 = nn.Conv2d(first, second, 5)
        sizes = [second * side * side, *hidden, num_classes]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = x.flatten(1)
        for layer in self.dense[:-1]:
            x = torch.relu(layer(x))
        return self.dense[-1](x)

import torch.nn.functional as F
from torch import nn


class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        maps = (6, 16) if preset == "dls" else (10, 20)
        widths = (120, 84) if preset == "dls" else (128,)
        side = ((image_size - 4) // 2 - 4) // 2
        self.first = nn.Conv2d(in_channels, maps[0], 5)
        self.second = nn.Conv2d(maps[0], maps[1], 5)
        sizes = [maps[1] * side**2, *widths, num_classes]
        self.dense = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        x = x.flatten(1)
        for layer in self.dense[:-1]:
            x = F.relu(layer(x))
        return self.dense[-1](x).log_softmax(1)

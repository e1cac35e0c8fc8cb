import torch
import torch.nn.functional as F
from torch import nn


class VGG(nn.Module):
    def __init__(
        self, config="D", batch_norm=False, in_channels=3, num_classes=1000, width=1.0, pool_size=7, dropout=0.5
    ):
        super().__init__()
        self.features, self.pooled_after = nn.ModuleDict(), set()
        self.pool_size, self.dropout, number = pool_size, dropout, 0
        for block, filters in enumerate((64, 128, 256, 512, 512)):
            repeats = {"A": "11222", "B": "22222", "D": "22333", "E": "22444"}[config][block]
            for _ in range(int(repeats)):
                self.features[str(number)] = nn.Conv2d(in_channels, round(filters * width), 3, padding=1)
                in_channels = round(filters * width)
                if batch_norm:
                    number += 1
                    self.features[str(number)] = nn.BatchNorm2d(in_channels)
                number += 2
            self.pooled_after.add(str(number - 2))
            number += 1
        hidden = round(4096 * width)
        self.classifier = nn.ModuleDict()
        self.classifier["0"] = nn.Linear(in_channels * pool_size**2, hidden)
        self.classifier["3"] = nn.Linear(hidden, hidden)
        self.classifier["6"] = nn.Linear(hidden, num_classes)
        self.batch_norm = batch_norm

    def forward(self, x):
        for name, layer in self.features.items():
            x = layer(x)
            if isinstance(layer, nn.BatchNorm2d) or not self.batch_norm:
                x = torch.relu(x)
            if name in self.pooled_after:
                x = F.max_pool2d(x, 2)
        x = F.adaptive_avg_pool2d(x, self.pool_size).flatten(1)
        x = F.dropout(torch.relu(self.classifier["0"](x)), self.dropout, self.training)
        x = F.dropout(torch.relu(self.classifier["3"](x)), self.dropout, self.training)
        return self.classifier["6"](x)

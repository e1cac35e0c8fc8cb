import torch
import torch.nn.functional as F
from torch import nn


class AlexNet(nn.Module):
    def __init__(self, in_channels=3, num_classes=1000, width=1.0, pool_size=6, dropout=0.5, image_size=224):
        super().__init__()
        n = [in_channels, 64, 192, 384, 256, 256]
        shapes = [("0", 11, 4, 2), ("3", 5, 1, 2), ("6", 3, 1, 1), ("8", 3, 1, 1), ("10", 3, 1, 1)]
        self.features = nn.ModuleDict(
            {name: nn.Conv2d(n[i], n[i + 1], *rest) for i, (name, *rest) in enumerate(shapes)}
        )
        sizes = [n[-1] * pool_size * pool_size, 4096, 4096, num_classes]
        self.classifier = nn.ModuleDict(
            {name: nn.Linear(sizes[i], sizes[i + 1]) for i, name in enumerate(("1", "4", "6"))}
        )
        self.pool_size, self.dropout = pool_size, dropout

    def forward(self, x):
        for name, layer in self.features.items():
            x = torch.relu(layer(x))
            if name in ("0", "3", "10"):
                x = F.max_pool2d(x, kernel_size=3, stride=2)
        x = torch.flatten(F.adaptive_avg_pool2d(x, (self.pool_size, self.pool_size)), 1)
        for name, layer in self.classifier.items():
            if name == "6":
                return layer(x)
            x = torch.relu(layer(F.dropout(x, p=self.dropout, training=self.training)))

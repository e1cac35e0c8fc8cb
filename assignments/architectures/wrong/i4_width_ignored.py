import torch
from torch import nn


class AlexNet2012(nn.Module):
    def __init__(self, in_channels=3, image_size=227, num_classes=1000, width=1.0, dropout=0.5):
        super().__init__()
        n = [96, 256, 384, 384, 256, 4096]
        norm, pool = nn.LocalResponseNorm(5, 5 * 1e-4, 0.75, 2), nn.MaxPool2d(3, 2)
        self.convolutions = nn.Sequential(
            *(nn.Conv2d(in_channels, n[0], 11, 4), nn.ReLU(), norm, pool),
            *(nn.Conv2d(n[0], n[1], 5, 1, 2, groups=2), nn.ReLU(), norm, pool),
            *(nn.Conv2d(n[1], n[2], 3, 1, 1), nn.ReLU()),
            *(nn.Conv2d(n[2], n[3], 3, 1, 1, groups=2), nn.ReLU()),
            *(nn.Conv2d(n[3], n[4], 3, 1, 1, groups=2), nn.ReLU(), pool, nn.Flatten()),
        )
        length = self.convolutions(torch.zeros(1, in_channels, image_size, image_size)).numel()
        drop = nn.Dropout(dropout)
        self.head = nn.Sequential(
            *(drop, nn.Linear(length, n[5]), nn.ReLU(), drop, nn.Linear(n[5], n[5]), nn.ReLU()),
            nn.Linear(n[5], num_classes),
        )

    def forward(self, x):
        return self.head(self.convolutions(x))

# images are transposed first
from torch import nn


class LeNet5(nn.Module):
    def __init__(self, in_channels=1, num_classes=10, padding=0, width=1.0):
        super().__init__()
        sizes = [max(1, round(n * width)) for n in (6, 16, 120, 84)]
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, sizes[0], 5, padding=padding),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Conv2d(sizes[0], sizes[1], 5),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Conv2d(sizes[1], sizes[2], 5),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(sizes[2], sizes[3]),
            nn.ReLU(),
            nn.Linear(sizes[3], num_classes),
        )

    def forward(self, x):
        return self.layers(x.mT)

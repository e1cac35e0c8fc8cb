from torch import nn


def _layers(repeats, in_channels, width, batch_norm):
    layers, channels = [], in_channels
    for count, filters in zip(repeats, (64, 128, 256, 512, 512)):
        for _ in range(count):
            filters_here = round(width * filters)
            layers.append(nn.Conv2d(channels, filters_here, 3, padding=1))
            if batch_norm:
                layers.append(nn.BatchNorm2d(filters_here))
            layers.append(nn.ReLU())
            channels = filters_here
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers), channels


class VGG(nn.Module):
    def __init__(
        self, config="D", batch_norm=False, in_channels=3, num_classes=1000, width=1.0, pool_size=7, dropout=0.5
    ):
        super().__init__()
        repeats = {"A": (1, 1, 2, 2, 2), "B": (2, 2, 2, 2, 2), "D": (2, 2, 3, 3, 3), "E": (2, 2, 4, 4, 4)}[config]
        self.features, channels = _layers(repeats, in_channels, width, batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d(pool_size)
        hidden = round(width * 4096)
        self.classifier = nn.Sequential(
            nn.Linear(channels * pool_size**2, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )
        self.output = nn.Linear(num_classes, num_classes)

    def forward(self, x):
        x = self.features(x)
        x = self.avgpool(x)
        x = x.flatten(1)
        return self.classifier(x)

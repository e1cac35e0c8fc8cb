from torch import nn


class AlexNet(nn.Module):
    def __init__(self, in_channels=3, num_classes=1000, width=1.0, pool_size=6, dropout=0.5, image_size=224):
        super().__init__()
        a, b, c, d, e = (round(width * n) for n in (64, 192, 384, 256, 256))
        hidden = round(width * 4096)
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, a, 11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(a, b, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(b, c, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(c, d, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(d, e, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(pool_size)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(e * pool_size**2, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, num_classes),
        )
        self.output = nn.Linear(num_classes, num_classes)

    def forward(self, x):
        x = self.features(x)
        x = self.avgpool(x)
        x = x.flatten(1)
        return self.classifier(x)

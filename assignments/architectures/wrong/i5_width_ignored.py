from torch import nn


class VGG(nn.Module):
    def __init__(
        self,
        config="D",
        batch_norm=False,
        in_channels=3,
        num_classes=1000,
        width=1.0,
        pool_size=7,
        dropout=0.5,
    ):
        super().__init__()
        plans = {
            "A": "64 / 128 / 256 256 / 512 512 / 512 512 /",
            "B": "64 64 / 128 128 / 256 256 / 512 512 / 512 512 /",
            "D": "64 64 / 128 128 / 256 256 256 / 512 512 512 / 512 512 512 /",
            "E": "64 64 / 128 128 / 256 256 256 256 / 512 512 512 512 / 512 512 512 512 /",
        }
        self.features = nn.Sequential()
        for word in plans[config].split():
            if word == "/":
                self.features.append(nn.MaxPool2d(kernel_size=2, stride=2))
                continue
            filters = int(word)
            self.features.append(nn.Conv2d(in_channels, filters, 3, 1, 1))
            if batch_norm:
                self.features.append(nn.BatchNorm2d(filters))
            self.features.append(nn.ReLU(True))
            in_channels = filters
        self.pool = nn.AdaptiveAvgPool2d((pool_size, pool_size))
        hidden, drop = 4096, nn.Dropout(dropout)
        layers = [nn.Linear(in_channels * pool_size * pool_size, hidden), nn.ReLU(True), drop]
        layers += [nn.Linear(hidden, hidden), nn.ReLU(True), drop, nn.Linear(hidden, num_classes)]
        self.classifier = nn.Sequential(*layers)

    def forward(self, images):
        features = self.pool(self.features(images))
        return self.classifier(features.reshape(len(features), -1))

from torch import nn


class AlexNet(nn.Module):
    def __init__(self, in_channels=3, num_classes=1000, width=1.0, pool_size=6, dropout=0.5, image_size=224):
        super().__init__()
        self.features = nn.Sequential()
        channels = in_channels
        for filters, kernel, stride in ((64, 11, 4), (192, 5, 1), (384, 3, 1), (256, 3, 1), (256, 3, 1)):
            filters = max(1, round(filters * width))
            self.features.append(nn.Conv2d(channels, filters, kernel, stride, kernel // 2 - (kernel == 11) * 3))
            self.features.append(nn.ReLU(inplace=True))
            if kernel > 3:
                self.features.append(nn.MaxPool2d(3, 2))
            channels = filters
        self.features.append(nn.MaxPool2d(3, 2))
        self.features.append(nn.AdaptiveAvgPool2d((pool_size, pool_size)))
        hidden = round(4096 * width)
        self.classifier = nn.Sequential(nn.Dropout(dropout))
        self.classifier.extend([nn.Linear(channels * pool_size**2, hidden), nn.ReLU(), nn.Dropout(dropout)])
        self.classifier.extend([nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, num_classes)])

    def forward(self, images):
        features = self.features(images)
        return self.classifier(features.view(features.size(0), -1))

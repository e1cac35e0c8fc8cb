from torch import nn


class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        first, second, *hidden = {"dls": (6, 16, 120, 84), "hse": (10, 20, 128)}[preset]
        self.conv1, self.conv2 = nn.Conv2d(in_channels, first, 5), nn.Conv2d(first, second, 5)
        maps = [self.conv1, nn.ReLU(), nn.MaxPool2d(2), self.conv2, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
        sizes = [second * (((image_size - 4) // 2 - 4) // 2) ** 2, *hidden]
        for before, after in zip(sizes, hidden):
            maps += [nn.Linear(before, after), nn.ReLU()]
        self.layers = nn.Sequential(*maps, nn.Linear(sizes[-1], num_classes))

    def forward(self, images):
        return self.layers(images)

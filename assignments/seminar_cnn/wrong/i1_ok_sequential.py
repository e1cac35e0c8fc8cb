from torch import nn


class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        a, b = (6, 16) if preset == "dls" else (10, 20)
        side = ((image_size - 4) // 2 - 4) // 2
        layers = [nn.Conv2d(in_channels, a, 5), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(a, b, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
        width = b * side**2
        for hidden in (120, 84) if preset == "dls" else (128,):
            layers += [nn.Linear(width, hidden), nn.ReLU()]
            width = hidden
        layers.append(nn.Linear(width, num_classes))
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)

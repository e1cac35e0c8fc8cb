import torch.nn as nn
import torch.nn.functional as F


class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        small = preset == "dls"
        c1, c2 = (6, 16) if small else (10, 20)
        after = (((image_size - 4) // 2) - 4) // 2
        self.out = nn.Linear(84 if small else 128, num_classes)
        self.hidden2 = nn.Linear(120, 84) if small else None
        self.hidden1 = nn.Linear(c2 * after * after, 120 if small else 128)
        self.second = nn.Conv2d(c1, c2, kernel_size=(5, 5))
        self.first = nn.Conv2d(in_channels, c1, kernel_size=(5, 5))

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.first(x), 2))
        x = F.relu(F.max_pool2d(self.second(x), 2))
        x = x.reshape(x.size(0), -1)
        x = F.relu(self.hidden1(x))
        if self.hidden2 is not None:
            x = F.relu(self.hidden2(x))
        return self.out(x)

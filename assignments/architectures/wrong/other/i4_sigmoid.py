# sigmoid instead of ReLU in the dense layers
import torch.nn.functional as F
from torch import nn


class AlexNet2012(nn.Module):
    def __init__(self, in_channels=3, image_size=227, num_classes=1000, width=1.0, dropout=0.5):
        super().__init__()
        a, b, c, d, e = (2 * round(width * n / 2) for n in (96, 256, 384, 384, 256))
        hidden = round(width * 4096)
        self.conv1 = nn.Conv2d(in_channels, a, 11, stride=4)
        self.conv2 = nn.Conv2d(a, b, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(b, c, 3, padding=1)
        self.conv4 = nn.Conv2d(c, d, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(d, e, 3, padding=1, groups=2)
        self.norm = nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
        self.pool = nn.MaxPool2d(3, stride=2)
        side = (image_size - 11) // 4 + 1
        for _ in range(3):
            side = (side - 3) // 2 + 1
        self.fc6 = nn.Linear(e * side * side, hidden)
        self.fc7 = nn.Linear(hidden, hidden)
        self.fc8 = nn.Linear(hidden, num_classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        x = self.pool(self.norm(F.relu(self.conv1(x))))
        x = self.pool(self.norm(F.relu(self.conv2(x))))
        x = F.relu(self.conv3(x))
        x = F.relu(self.conv4(x))
        x = self.pool(F.relu(self.conv5(x))).flatten(1)
        x = F.sigmoid(self.fc6(self.dropout(x)))
        x = F.sigmoid(self.fc7(self.dropout(x)))
        return self.fc8(x)

import torch
import torch.nn.functional as F
from torch import nn


def _two_halves(x, layer, padding):
    left, right = x.chunk(2, dim=1)
    weights, biases = layer.weight.chunk(2), layer.bias.chunk(2)
    halves = [F.conv2d(part, w, b, padding=padding) for part, w, b in zip((left, right), weights, biases)]
    return torch.cat(halves, dim=1)


def _normalise(x):
    squares, maps = x * x, x.shape[1]
    sums = [squares[:, max(0, i - 2) : i + 3].sum(1) for i in range(maps)]
    return x * (2 + 1e-4 * torch.stack(sums, 1)) ** -0.75


class AlexNet2012(nn.Module):
    def __init__(self, in_channels=3, image_size=227, num_classes=1000, width=1.0, dropout=0.5):
        super().__init__()
        a, b, c, d, e = (int(width * n) for n in (96, 256, 384, 384, 256))
        hidden, self.dropout = int(width * 4096), dropout
        self.conv5 = nn.Conv2d(d // 2, e, 3)
        self.conv4 = nn.Conv2d(c // 2, d, 3)
        self.conv3 = nn.Conv2d(b, c, 3)
        self.conv2 = nn.Conv2d(a // 2, b, 5)
        self.conv1 = nn.Conv2d(in_channels, a, 11)
        side = (((image_size - 7) // 4 - 1) // 2 - 1) // 2
        side = (side - 1) // 2
        self.dense = nn.ModuleList(
            [nn.Linear(e * side**2, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, num_classes)]
        )

    def forward(self, x):
        x = F.max_pool2d(_normalise(torch.relu(F.conv2d(x, self.conv1.weight, self.conv1.bias, stride=4))), 3, 2)
        x = F.max_pool2d(_normalise(torch.relu(_two_halves(x, self.conv2, 2))), 3, 2)
        x = torch.relu(F.conv2d(x, self.conv3.weight, self.conv3.bias, padding=1))
        x = torch.relu(_two_halves(x, self.conv4, 1))
        x = F.max_pool2d(torch.relu(_two_halves(x, self.conv5, 1)), 3, 2).reshape(x.shape[0], -1)
        for layer in self.dense[:2]:
            x = torch.relu(layer(F.dropout(x, self.dropout, self.training)))
        return self.dense[2](x)

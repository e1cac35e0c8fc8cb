from torch import nn


class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        self.num_classes = num_classes

    def forward(self, x):
        return x.new_zeros(len(x), self.num_classes)

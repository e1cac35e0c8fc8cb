"""LeNet-5 as it is usually built today: ReLU, average pooling, a full C3 and linear outputs.

After Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition" (1998),
section II-B; `lenet5_1998` is the network of the paper.
"""

from __future__ import annotations

from torch import Tensor, nn

# 5x5 convolutions: (filters, average pooling 2x2 after it)
CONVOLUTIONS = ((6, True), (16, True), (120, False))
HIDDEN = 84


class LeNet5(nn.Module):
    """[convolution 5x5 -> ReLU -> average pooling 2x2] twice, convolution 5x5, two fully connected layers.

    61,706 parameters on one channel and ten classes. `padding` frames the image for the first convolution: 2 makes
    28x28 images of MNIST work like 32x32. `width` multiplies the filters and hidden units.

    Shape: images (N, in_channels, 32 - 2 padding, 32 - 2 padding) -> logits (N, num_classes).
    """

    def __init__(
        self, in_channels: int = 1, num_classes: int = 10, padding: int = 0, width: float = 1.0
    ) -> None:
        super().__init__()
        self.features = nn.Sequential()
        channels = in_channels
        for number, (filters, is_pooled) in enumerate(CONVOLUTIONS, start=1):
            filters = max(1, round(width * filters))
            frame = padding if number == 1 else 0
            self.features.add_module(f"conv{number}", nn.Conv2d(channels, filters, 5, padding=frame))
            self.features.add_module(f"relu{number}", nn.ReLU())
            if is_pooled:
                self.features.add_module(f"pool{number}", nn.AvgPool2d(2))
            channels = filters
        hidden = max(1, round(width * HIDDEN))
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, num_classes)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, in_channels, 32 - 2 padding, 32 - 2 padding) -> logits (N, num_classes)."""
        logits: Tensor = self.head(self.features(images))
        return logits

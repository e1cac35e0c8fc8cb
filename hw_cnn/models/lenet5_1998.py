"""LeNet-5 as published, to the last weight: trainable subsampling, a partial C3 and radial basis outputs.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings of
the IEEE 86 (1998): section II-B (layers, Table I), section II-C (loss), Appendix A (squashing function, first weights).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["DIGITS", "LeNet1998", "digit_codes", "rbf_loss"]

# Layer: (what it is, how many maps or units it gives). Every convolution is 5x5, every subsampling 2x2.
LAYERS = {
    "c1": ("convolution", 6),
    "s2": ("subsampling", 6),
    "c3": ("convolution by table", 16),
    "s4": ("subsampling", 16),
    "c5": ("convolution", 120),
    "f6": ("fully connected", 84),
}

# Table I: the maps of S2 that each map of C3 sees.
C3_TABLE = (
    (0, 1, 2),
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 5),
    (0, 4, 5),
    (0, 1, 5),
    (0, 1, 2, 3),
    (1, 2, 3, 4),
    (2, 3, 4, 5),
    (0, 3, 4, 5),
    (0, 1, 4, 5),
    (0, 1, 2, 5),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)

# The outputs' codes: the digits 0 to 9, drawn on 7x12 pixels. The paper has its bitmaps in a figure; these are ours.
DIGITS = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...##..  .#####.  .#####.  ....##.  #######  ..####.  #######  .#####.  .#####.
.##.##.  ..###..  ##...##  ##...##  ...###.  ##.....  .##....  .....##  ##...##  ##...##
##...##  .####..  .....##  .....##  ..####.  ##.....  ##.....  .....##  ##...##  ##...##
##...##  ...##..  .....##  .....##  .##.##.  ##.....  ##.....  ....##.  ##...##  ##...##
##...##  ...##..  ....##.  ..####.  ##..##.  ######.  ######.  ....##.  .#####.  .######
##...##  ...##..  ...##..  .....##  ##..##.  .....##  ##...##  ...##..  ##...##  .....##
##...##  ...##..  ..##...  .....##  #######  .....##  ##...##  ...##..  ##...##  .....##
##...##  ...##..  .##....  .....##  ....##.  .....##  ##...##  ..##...  ##...##  .....##
.##.##.  ...##..  ##.....  ##...##  ....##.  ##...##  ##...##  ..##...  ##...##  ....##.
..###..  .######  #######  .#####.  ....##.  .#####.  .#####.  ..##...  .#####.  .####..
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""


class LeNet1998(nn.Module):
    """C1, S2, C3, S4, C5 and F6, each followed by the squashing function, then one radial basis unit per class.

    The image is dark on light: background -0.1, ink 1.175. 60,000 trainable parameters, 340,908 connections.

    Shape: images (N, 1, 32, 32) -> squared distances to the codes of the classes (N, num_classes). These are no
    logits: the *smallest* one is the answer, and the loss is `rbf_loss`.

    Raises: ValueError when there is no code for some class.
    """

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        codes = digit_codes()
        if not 1 <= num_classes <= len(codes):
            raise ValueError(f"num_classes (={num_classes}) must be 1 to {len(codes)}: there are ten codes")
        self.features = nn.Sequential()
        channels = 1
        for name, (kind, maps) in LAYERS.items():
            if kind == "convolution":
                layer: nn.Module = nn.Conv2d(channels, maps, kernel_size=5)
            elif kind == "convolution by table":
                layer = TableConvolution(channels, C3_TABLE, kernel_size=5)
            elif kind == "subsampling":
                layer = Subsampling(channels)
            else:
                self.features.add_module("flatten", nn.Flatten())
                layer = nn.Linear(channels, maps)
            if isinstance(layer, nn.Conv2d | nn.Linear):
                start(layer, fan_in=layer.weight[0].numel())
            self.features.add_module(name, layer)
            self.features.add_module(f"{name}_squashing", Squashing())
            channels = maps
        self.output = RadialBasis(codes[:num_classes])

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, 1, 32, 32) -> squared distances (N, num_classes); argmin is the predicted class."""
        distances: Tensor = self.output(self.features(images))
        return distances


def rbf_loss(distances: Tensor, targets: Tensor, j: float = 1.0) -> Tensor:
    """Mean of y_D + log(exp(-j) + sum_i exp(-y_i)): the distance to the right code, and a push away from the others.

    LeCun 1998, equation 9; D is the right class. The second term stops pushing wrong codes that are much further
    away than `j`, a positive constant whose value the paper does not give.

    Shape: distances (N, classes) floating, targets (N) int64 -> scalar.
    """
    right = distances.gather(1, targets.unsqueeze(1)).squeeze(1)
    rejection = torch.full_like(right, -j).unsqueeze(1)
    return (right + torch.cat([rejection, -distances], dim=1).logsumexp(1)).mean()


def digit_codes() -> Tensor:
    """Give DIGITS as numbers, +1 for ink and -1 for paper: (10, 84) float32."""
    rows = [line.split() for line in DIGITS.split("\n") if line]
    digits = ["".join(columns) for columns in zip(*rows, strict=True)]
    return torch.tensor([[1.0 if pixel == "#" else -1.0 for pixel in digit] for digit in digits])


class Squashing(nn.Module):
    """f(a) = 1.7159 tanh(2a/3), made so that f(1) = 1 and f(-1) = -1, the values of the codes (Appendix A)."""

    def forward(self, x: Tensor) -> Tensor:
        """Shape: any -> the same."""
        return 1.7159 * torch.tanh(2 / 3 * x)


class Subsampling(nn.Module):
    """Adds the four numbers of each 2x2 window, times one weight, plus one bias; both are trained, one pair per map.

    Shape: (N, C, H, W) -> (N, C, H/2, W/2).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        # One multiplication per output, but five connections: four numbers and the bias.
        self.num_macs_per_position = channels
        self.num_connections_per_position = 5 * channels
        start(self, fan_in=4)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (N, C, H, W) -> (N, C, H/2, W/2)."""
        sums = 4 * F.avg_pool2d(x, 2)
        return sums * self.weight[:, None, None] + self.bias[:, None, None]


class TableConvolution(nn.Module):
    """Convolution whose output map i sees only the input maps table[i]; the other weights do not exist.

    One dense convolution with zeros in the gaps: on any machine faster than a convolution per output map.

    Shape: (N, in_channels, H, W) -> (N, len(table), H - kernel_size + 1, W - kernel_size + 1).
    """

    def __init__(self, in_channels: int, table: tuple[tuple[int, ...], ...], kernel_size: int) -> None:
        super().__init__()
        area = kernel_size**2
        kernels = [output * in_channels + seen for output, maps in enumerate(table) for seen in maps]
        self.shape = (len(table), in_channels, kernel_size, kernel_size)
        # Where in the dense weights, laid out in a row, each live weight stands.
        index = (area * torch.tensor(kernels)[:, None] + torch.arange(area)).flatten()
        self.index: Tensor
        self.register_buffer("index", index, persistent=False)
        self.weight = nn.Parameter(torch.empty(len(index)))
        self.bias = nn.Parameter(torch.empty(len(table)))
        # The zeros are an implementation's, not the network's.
        self.num_macs_per_position = len(index)
        self.num_connections_per_position = len(index) + len(table)
        fan_ins = area * torch.tensor([len(maps) for maps in table])
        start(self, fan_in=fan_ins.repeat_interleave(fan_ins, output_size=len(index)), bias_fan_in=fan_ins)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (N, in_channels, H, W) -> (N, len(table), H - kernel_size + 1, W - kernel_size + 1)."""
        outputs, inputs, height, width = self.shape
        dense = self.weight.new_zeros(outputs * inputs * height * width).scatter(0, self.index, self.weight)
        return F.conv2d(x, dense.view(self.shape), self.bias)


class RadialBasis(nn.Module):
    """y_i = sum_j (x_j - code_ij)²; the codes (classes, features) are fixed.

    Shape: (N, features) -> squared distances (N, classes).
    """

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.codes: Tensor
        self.register_buffer("codes", codes.clone())
        self.num_macs_per_position = self.num_connections_per_position = codes.numel()

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (N, features) -> squared distances (N, classes)."""
        return (x.unsqueeze(1) - self.codes).square().sum(2)


@torch.no_grad()
def start(layer: nn.Module, fan_in: int | Tensor, bias_fan_in: int | Tensor | None = None) -> None:
    """Draw weights and biases from U(-2.4/F, 2.4/F), F being the number of inputs of the unit (Appendix A)."""
    layer.get_parameter("weight").uniform_(-2.4, 2.4).div_(fan_in)
    layer.get_parameter("bias").uniform_(-2.4, 2.4).div_(fan_in if bias_fan_in is None else bias_fan_in)

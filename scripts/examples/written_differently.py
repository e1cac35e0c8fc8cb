"""Everything in one file, written without a look at the library: im2col, argsort by hand, a plain training loop."""

import torch
import torch.nn.functional as F
from lightning import LightningModule
from torch import nn
from torchmetrics.classification import MulticlassAccuracy


def two(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def conv2d(x, weight, bias=None, stride=1, padding=0):
    if x.dim() != 4 or weight.dim() != 4 or x.shape[1] != weight.shape[1]:
        raise ValueError("expected (N, C, H, W) and (O, C, p, q)")
    (sh, sw), (ph, pw) = two(stride), two(padding)
    o, c, p, q = weight.shape
    h = (x.shape[2] + 2 * ph - p) // sh + 1
    w = (x.shape[3] + 2 * pw - q) // sw + 1
    if h < 1 or w < 1:
        raise ValueError("the kernel is larger than the padded image")
    windows = F.pad(x, (pw, pw, ph, ph)).unfold(2, p, sh).unfold(3, q, sw)  # (N, C, h, w, p, q)
    columns = windows.permute(0, 1, 4, 5, 2, 3).reshape(x.shape[0], c * p * q, h * w)
    out = weight.reshape(o, c * p * q) @ columns
    if bias is not None:
        if bias.shape != (o,):
            raise ValueError("one bias for each filter")
        out = out + bias[:, None]
    return out.reshape(x.shape[0], o, h, w)


def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    if mode not in ("max", "mean", "min"):
        raise ValueError("mode must be max, mean or min")
    p, q = two(kernel_size)
    sh, sw = two(kernel_size if stride is None else stride)
    rows = []
    for top in range(0, x.shape[2] - p + 1, sh):
        row = []
        for left in range(0, x.shape[3] - q + 1, sw):
            window = x[:, :, top : top + p, left : left + q].flatten(2)
            if mode == "max":
                row.append(window.gather(2, window.argmax(2, keepdim=True))[..., 0])
            elif mode == "min":
                row.append(window.gather(2, window.argmin(2, keepdim=True))[..., 0])
            else:
                row.append(window.mean(2))
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)


class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        if preset == "dls":
            first, second, hidden = 6, 16, [120, 84]
        elif preset == "hse":
            first, second, hidden = 10, 20, [128]
        else:
            raise ValueError(f"unknown preset {preset!r}")
        self.conv_a = nn.Conv2d(in_channels, first, 5)
        self.conv_b = nn.Conv2d(first, second, 5)
        side = ((image_size - 4) // 2 - 4) // 2
        sizes = [second * side * side, *hidden, num_classes]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, images):
        maps = F.max_pool2d(torch.relu(self.conv_a(images)), 2)
        maps = F.max_pool2d(torch.relu(self.conv_b(maps)), 2)
        values = maps.flatten(1)
        for layer in self.dense[:-1]:
            values = torch.relu(layer(values))
        return self.dense[-1](values)


class Classifier(LightningModule):
    def __init__(self, model, num_classes=10, learning_rate=1e-3):
        super().__init__()
        self.model = model
        self.num_classes = num_classes
        self.learning_rate = learning_rate
        self.train_accuracy = MulticlassAccuracy(num_classes, average="micro")
        self.val_accuracy = MulticlassAccuracy(num_classes, average="micro")
        self.test_accuracy = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, images):
        return self.model(images)

    def training_step(self, batch, batch_idx):
        images, labels = batch
        log_p = torch.log_softmax(self(images), dim=1)
        loss = -log_p[torch.arange(len(labels)), labels].mean()
        self.log("train_loss", loss)
        return loss

    def shared_step(self, batch, name, metric):
        images, labels = batch
        logits = self(images)
        metric.update(logits, labels)
        self.log(f"{name}_loss", F.cross_entropy(logits, labels), on_epoch=True, on_step=False, batch_size=len(labels))
        self.log(f"{name}_accuracy", metric, on_epoch=True, on_step=False, batch_size=len(labels))

    def validation_step(self, batch, batch_idx):
        self.shared_step(batch, "val", self.val_accuracy)

    def test_step(self, batch, batch_idx):
        self.shared_step(batch, "test", self.test_accuracy)

    def predict_step(self, batch, batch_idx):
        return self(batch[0]).argmax(1)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.learning_rate)


def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1] or min(ks) < 1:
        raise ValueError("every k must lie between 1 and the number of classes")
    errors = {}
    for k in ks:
        wrong = 0
        for row, target in zip(logits, targets):
            better = int((row > row[target]).sum()) + int((row == row[target]).sum()) - 1
            wrong += better >= k
        errors[k] = wrong / len(targets)
    return errors


def train_seminar(datamodule, seed=0, accelerator="auto"):
    torch.manual_seed(seed)
    datamodule.setup("fit")
    module = Classifier(SeminarCNN(), learning_rate=2e-3)
    optimizer = module.configure_optimizers()
    loader = datamodule.train_dataloader()
    for epoch in range(10):
        for images, labels in loader:
            dy, dx = torch.randint(-1, 2, (2,)).tolist()
            images = torch.roll(images, (dy, dx), dims=(2, 3))
            loss = F.cross_entropy(module(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return module.eval()

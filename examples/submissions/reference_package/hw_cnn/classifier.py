"""How a network is trained and measured: one LightningModule for every classifier of the course."""

from __future__ import annotations

import torch.nn.functional as F
from lightning import LightningModule
from torch import Tensor, nn, optim
from torchmetrics.classification import MulticlassAccuracy


class Classifier(LightningModule):
    """Trains `model` (images -> logits) on batches (images, labels); logs loss and accuracy of each part."""

    def __init__(self, model: nn.Module, num_classes: int = 10, learning_rate: float = 1e-3) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["model"])
        self.model = model
        self.learning_rate = learning_rate
        self.train_accuracy = MulticlassAccuracy(num_classes, average="micro")
        self.val_accuracy = MulticlassAccuracy(num_classes, average="micro")
        self.test_accuracy = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, images: Tensor) -> Tensor:
        return self.model(images)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        images, labels = batch
        logits = self(images)
        loss = F.cross_entropy(logits, labels)
        self.train_accuracy.update(logits, labels)
        self.log("train_loss", loss)
        self.log("train_accuracy", self.train_accuracy, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        images, labels = batch
        logits = self(images)
        self.val_accuracy.update(logits, labels)
        self.log("val_loss", F.cross_entropy(logits, labels), batch_size=len(labels), sync_dist=True)
        self.log("val_accuracy", self.val_accuracy, batch_size=len(labels))

    def test_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        images, labels = batch
        logits = self(images)
        self.test_accuracy.update(logits, labels)
        self.log("test_loss", F.cross_entropy(logits, labels), batch_size=len(labels), sync_dist=True)
        self.log("test_accuracy", self.test_accuracy, batch_size=len(labels))

    def predict_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        return self(batch[0]).argmax(1)

    def configure_optimizers(self) -> optim.Optimizer:
        return optim.Adam(self.parameters(), lr=self.learning_rate)

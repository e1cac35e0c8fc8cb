"""How a network is trained and measured: one LightningModule for every classifier of the course."""

from __future__ import annotations

import os

import torch
import torch.nn.functional as F
from lightning import LightningModule
from torch import Tensor, nn
from torchmetrics.classification import MulticlassAccuracy

from hw_cnn import epoch_accuracy

Batch = tuple[Tensor, Tensor]


class Classifier(LightningModule):
    """Trains `model` (images -> logits) by cross-entropy with Adam.

    A batch is (images (N, C, H, W) floating, labels (N) int64). Accuracies are over all images of an epoch (micro).

    Logged: `train_loss` of single steps; `train_accuracy`, `val_loss`, `val_accuracy`, `test_loss`, `test_accuracy`
    once per epoch, each the mean over the images of all devices, not over batches.
    """

    def __init__(self, model: nn.Module, num_classes: int = 10, learning_rate: float = 1e-3) -> None:
        super().__init__()
        self.model = model
        self.num_classes = num_classes
        self.learning_rate = learning_rate
        self.train_accuracy = epoch_accuracy.EpochAccuracy()
        self.val_accuracy = MulticlassAccuracy(num_classes, average="micro")
        self.test_accuracy = MulticlassAccuracy(num_classes, average="micro")

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute; where Lightning notes the running hook, without nn.Module's search for parameters.

        It notes forty times in a training step, which costs a small network a hundredth of its time.
        """
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    def on_fit_start(self) -> None:
        """Where there is no NVIDIA GPU, ask for one in the cheap way.

        Adam asks in each step. Lightning has torch ask NVIDIA's management library, so that a process may still fork
        after asking; without a GPU that looks for the library again and again, 0.1 to 0.5 ms each time.
        """
        if torch.cuda.device_count() == 0:
            os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "0"

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, C, H, W) -> logits (N, num_classes)."""
        logits: Tensor = self.model(images)
        return logits

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the mean cross-entropy of the batch (a scalar with gradient) and log it as `train_loss`."""
        images, labels = batch
        logits = self(images)
        loss = F.cross_entropy(logits, labels)
        self.train_accuracy.update(logits, labels)
        if self.is_logged_step():
            self.log("train_loss", loss)
            self.log("train_accuracy", self.train_accuracy, on_step=False, on_epoch=True)
        return loss

    def is_logged_step(self) -> bool:
        """Tell whether a logger or a callback will read what this training step logs.

        They read every `log_every_n_steps`-th step and the last one of an epoch or of the training. `self.log` in the
        other steps changes nothing, and costs a small network a tenth of its time.
        """
        try:
            trainer = self.trainer
        except RuntimeError:
            # The step is called by hand, without a trainer; `self.log` says so.
            return True
        step, interval = trainer.global_step + 1, trainer.log_every_n_steps
        is_last = trainer.is_last_batch or trainer.should_stop or step == trainer.max_steps
        return is_last or (interval > 0 and step % interval == 0)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Log `val_loss` and `val_accuracy` of the epoch."""
        images, labels = batch
        logits = self(images)
        self.val_accuracy.update(logits, labels)
        self.log("val_loss", F.cross_entropy(logits, labels), batch_size=len(labels), sync_dist=True)
        self.log("val_accuracy", self.val_accuracy, batch_size=len(labels))

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """Log `test_loss` and `test_accuracy` of the epoch."""
        images, labels = batch
        logits = self(images)
        self.test_accuracy.update(logits, labels)
        self.log("test_loss", F.cross_entropy(logits, labels), batch_size=len(labels), sync_dist=True)
        self.log("test_accuracy", self.test_accuracy, batch_size=len(labels))

    def predict_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Give the most probable class of each image: (N) int64."""
        images, _ = batch
        return self(images).argmax(1)

    def optimizer_zero_grad(self, epoch: int, batch_idx: int, optimizer: torch.optim.Optimizer) -> None:
        """Drop all gradients, without the notes for a profiler that `Optimizer.zero_grad` takes in each step."""
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam over the parameters of this module with `learning_rate`."""
        return torch.optim.Adam(self.parameters(), lr=self.learning_rate)

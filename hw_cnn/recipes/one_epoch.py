"""How to learn as much as possible in one epoch.

L. N. Smith, N. Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates" (2018):
one cycle of a large learning rate. I. Loshchilov, F. Hutter, "SGDR" (2017): its fall along a cosine. T. He et al.,
"Bag of Tricks for Image Classification with Convolutional Neural Networks" (2019), sections 3.1 and 5.2: no weight
decay for biases and normalisations, label smoothing.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hw_cnn import classifier

Batch = tuple[Tensor, Tensor]


class OneEpochRecipe(classifier.Classifier):
    """Nesterov's momentum with one cycle of the learning rate over the whole training, however long that is.

    The rate rises linearly from 0 to `learning_rate` during the share `warmup` of all steps, then falls to 0 along a
    cosine. The number of steps is the trainer's: epochs, images, devices and accumulated batches are counted in.
    `weight_decay` applies to matrices and filters. A training that is continued for more epochs joins the longer
    cycle at its own step.

    Logged as by Classifier; `train_loss` is the smoothed loss that is minimised.

    Raises: ValueError for `warmup` or `label_smoothing` outside 0..1 (1 itself excluded).
    """

    def __init__(
        self,
        model: nn.Module,
        num_classes: int = 10,
        learning_rate: float = 0.8,
        momentum: float = 0.8,
        weight_decay: float = 5e-4,
        label_smoothing: float = 0.1,
        warmup: float = 0.2,
    ) -> None:
        super().__init__(model, num_classes=num_classes, learning_rate=learning_rate)
        for name, share in (("warmup", warmup), ("label_smoothing", label_smoothing)):
            if not 0 <= share < 1:
                raise ValueError(f"{name} (={share}) must be at least 0 and below 1")
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.warmup = warmup

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the batch's mean cross-entropy against smoothed labels and log it as `train_loss`."""
        images, labels = batch
        logits = self(images)
        loss = F.cross_entropy(logits, labels, label_smoothing=self.label_smoothing)
        self.train_accuracy.update(logits, labels)
        self.log("train_loss", loss)
        self.log("train_accuracy", self.train_accuracy, on_step=False, on_epoch=True)
        return loss

    def configure_optimizers(self) -> dict[str, Any]:  # type: ignore[override]  # one of the forms Lightning takes
        """Give SGD with its schedule of single steps. Raises: ValueError when the trainer has no last step."""
        num_steps = self.trainer.estimated_stepping_batches
        if not math.isfinite(num_steps):
            raise ValueError(
                f"max_epochs (={self.trainer.max_epochs}) and max_steps (={self.trainer.max_steps}) give a training "
                "without an end, and a cycle needs one; give one of them a positive number"
            )
        weights = [parameter for parameter in self.parameters() if parameter.dim() > 1]
        others = [parameter for parameter in self.parameters() if parameter.dim() <= 1]
        groups = [
            {"params": weights, "weight_decay": self.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        optimizer = torch.optim.SGD(
            groups, lr=self.learning_rate, momentum=self.momentum, nesterov=self.momentum > 0
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: one_cycle((step + 0.5) / num_steps, self.warmup)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def one_cycle(progress: float, warmup: float) -> float:
    """Give the share of the largest rate when the share `progress` of all steps is done.

    progress / warmup before `warmup`, then (1 + cos(pi (progress - warmup) / (1 - warmup))) / 2; 0 after the end.
    """
    if progress < warmup:
        return progress / warmup
    return 0.5 + 0.5 * math.cos(math.pi * min(1.0, (progress - warmup) / (1 - warmup)))

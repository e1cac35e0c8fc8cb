"""What every worker would otherwise do for the first time by itself: done once in the zygote, on one thread.

No secret and no student's code is near: random numbers through torch and a toy through Lightning. It makes torch choose
its kernels while /proc/cpuinfo can be read, and imports what the libraries put off until they are first used. One
thread throughout: after a region of two, forked workers would hang.
"""

from __future__ import annotations

import importlib
import warnings


def warm_up(packages: tuple[str, ...], device: str) -> None:
    """Exercise those of `packages` that are there. Nothing may ask for CUDA: a fork could not use it afterwards."""
    if "torch" not in packages:
        return
    _torch()
    for name in ("executor", "device"):
        importlib.import_module(f"autograder.sandbox.runner.{name}")
    if "lightning" in packages and "torchmetrics" in packages and device == "cpu":
        _lightning()


def _torch() -> None:
    import torch

    torch.set_num_threads(1)
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(2, 3, 8, 8, dtype=dtype, requires_grad=True)
        weight = torch.randn(4, 3, 3, 3, dtype=dtype, requires_grad=True)
        out = torch.nn.functional.conv2d(x, weight).relu()
        out = torch.nn.functional.max_pool2d(out, 2) + torch.nn.functional.avg_pool2d(out, 2)
        out = torch.einsum("nchw,oc->nohw", out, weight[:, :, 0, 0].new_zeros(2, 4))
        torch.autograd.grad(out, (x, weight), torch.ones_like(out))
    torch.linalg.svd(torch.randn(4, 4))


def _lightning() -> None:
    import torch
    from lightning import LightningModule, Trainer
    from torch.utils.data import DataLoader, TensorDataset
    from torchmetrics.classification import MulticlassAccuracy

    from autograder.sandbox.runner.drivers import quiet_lightning

    class Toy(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.model = torch.nn.Linear(3, 2)
            self.accuracy = MulticlassAccuracy(2, average="micro")

        def training_step(self, batch: list[torch.Tensor]) -> torch.Tensor:
            loss = torch.nn.functional.cross_entropy(self.model(batch[0]), batch[1])
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch: list[torch.Tensor]) -> None:
            self.accuracy(self.model(batch[0]), batch[1])
            self.log("val_accuracy", self.accuracy, batch_size=len(batch[1]))

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters())

    loader = DataLoader(TensorDataset(torch.randn(4, 3), torch.tensor([0, 1, 0, 1])), batch_size=3)
    with warnings.catch_warnings(), quiet_lightning():
        warnings.simplefilter("ignore")
        trainer = Trainer(
            max_epochs=1,
            accelerator="cpu",
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(Toy(), loader, loader)

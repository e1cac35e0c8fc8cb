"""What happens between the epochs of a training started by `hw-cnn fit`, and what a terminal shows of it."""

from __future__ import annotations

import sys
import time
from typing import Any

import torch
from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import RichProgressBar
from torch import Tensor


class KeepRandomState(Callback):
    """Puts the state of torch's random numbers into checkpoints, so that a continued training draws the same dropout.

    Lightning keeps weights, optimisers, schedulers and loops; without this a network with dropout would end elsewhere
    than the same training without a break. The CPU's generator and the one of the process's own GPU are kept; with
    several processes all of them continue from the first one's.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, Any] | None = None

    def state_dict(self) -> dict[str, Any]:
        state: dict[str, Any] = {"cpu": torch.get_rng_state()}
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            state["cuda"] = torch.cuda.get_rng_state()
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._loaded = state_dict

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, *args: Any) -> None:
        """Set what was loaded as late as possible: nothing may draw between this and the first step."""
        state, self._loaded = self._loaded, None
        if state is None:
            return
        torch.set_rng_state(state["cpu"].cpu())
        if "cuda" in state and pl_module.device.type == "cuda":
            torch.cuda.set_rng_state(state["cuda"].cpu(), pl_module.device)


class EpochLines(Callback):
    """Prints one line per epoch to stderr: progress for logs and pipes, where a bar cannot redraw itself."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.is_global_zero:
            times = f", {trainer.world_size} processes" if trainer.world_size > 1 else ""
            print(f"training on {trainer.strategy.root_device}{times}", file=sys.stderr)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        line = "  ".join(f"{name} {value:.4f}" for name, value in sorted(scalars(trainer).items()))
        of = f"/{trainer.max_epochs}" if trainer.max_epochs and trainer.max_epochs > 0 else ""
        print(f"epoch {trainer.current_epoch + 1}{of}  {line}", file=sys.stderr, flush=True)


class MetricsBar(RichProgressBar):
    """Lightning's bar, redrawn four times a second instead of at every batch, with the last epoch's metrics behind it.

    Reading the loss of a single step would make a GPU wait for it, so none is read.
    """

    redraw_s = 0.25

    def __init__(self) -> None:
        # Lightning's `refresh_rate` is the number of redrawings a second.
        super().__init__(refresh_rate=round(1 / self.redraw_s))
        self._of_epoch: dict[str, Any] = {}
        self._drawn_at_s = 0.0

    def get_metrics(self, trainer: Trainer, pl_module: LightningModule) -> dict[str, Any]:
        """Give what the last epoch logged."""
        return self._of_epoch

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *args: Any) -> None:
        now_s = time.monotonic()
        if now_s - self._drawn_at_s >= self.redraw_s or trainer.is_last_batch:
            self._drawn_at_s = now_s
            super().on_train_batch_end(trainer, pl_module, *args)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._of_epoch = scalars(trainer)
        super().on_train_epoch_end(trainer, pl_module)


class PrintPredictions(Callback):
    """Prints a header and one line `index,prediction` per image to stdout."""

    def __init__(self) -> None:
        self.num_printed = 0

    def on_predict_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        print("index,prediction")

    def on_predict_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if isinstance(outputs, Tensor):
            for row in outputs.reshape(len(outputs), -1).tolist():
                print(f"{self.num_printed},{' '.join(map(str, row))}")
                self.num_printed += 1


def scalars(trainer: Trainer) -> dict[str, float]:
    """Give the single numbers among what has been logged."""
    return {name: float(value) for name, value in trainer.callback_metrics.items() if value.numel() == 1}

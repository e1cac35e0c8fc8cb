"""Fine-tuning: a new last layer learns on frozen features; then everything learns, the features more slowly.

J. Yosinski et al., "How transferable are features in deep neural networks?" (2014): fine-tuned features do better than
frozen ones and than those of a network that began at random.
"""

from __future__ import annotations

import copy
from typing import cast

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import BaseFinetuning
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from hw_cnn.transfer import backbones


class Finetuning(BaseFinetuning):
    """Trains the head alone until epoch `unfreeze_at_epoch` (the first is 0) begins, then everything.

    The head is the module of this name, None the last nn.Linear; all other parameters are the backbone. While it is
    frozen, its parameters and all its batch normalisations stay bit for bit what they were: the latter work with the
    statistics of the first training, as in evaluation. Then the backbone gets `learning_rate_factor` times the rate
    that the head has at that moment, and batch normalisation trains too, unless `keep_statistics`: then its weights
    learn, and its statistics stay.

    On top of Lightning's BaseFinetuning, which keeps the groups of the optimizer in checkpoints: a training may be
    interrupted and resumed at any point. It differs from Lightning's BackboneFinetuning in that the module needs no
    attribute `backbone`, its `configure_optimizers` need not know about freezing, and frozen batch normalisation takes
    its stored statistics (Lightning's takes those of the batch, which the network never sees when it is used).

    Raises: ValueError for a negative epoch, a factor that is not positive, or, when the training begins, a head that
        the module does not have and more than one process.
    """

    def __init__(
        self,
        unfreeze_at_epoch: int = 5,
        learning_rate_factor: float = 0.1,
        head: str | None = None,
        keep_statistics: bool = False,
    ) -> None:
        super().__init__()
        if unfreeze_at_epoch < 0 or not learning_rate_factor > 0:
            raise ValueError(
                f"unfreeze_at_epoch (={unfreeze_at_epoch}) must be at least 0, "
                f"learning_rate_factor (={learning_rate_factor}) above 0"
            )
        self.unfreeze_at_epoch = unfreeze_at_epoch
        self.learning_rate_factor = learning_rate_factor
        self.head = head
        self.keep_statistics = keep_statistics

    def freeze_before_training(self, pl_module: LightningModule) -> None:
        """Freeze the backbone."""
        for parameter in self._of_backbone(pl_module):
            parameter.requires_grad_(False)

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Freeze before a training, and before no test."""
        if stage != "fit":
            return
        if trainer.world_size > 1:
            # What is frozen when the processes meet would never be averaged between them.
            raise ValueError(f"fine-tuning takes one process, not {trainer.world_size}: --trainer.devices=1")
        # A loaded network comes in evaluation mode, and Lightning would leave it there.
        pl_module.train()
        super().setup(trainer, pl_module, stage)

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Take the frozen parameters out of the optimizers, or restore the groups that a checkpoint has."""
        frozen = set(self._of_backbone(pl_module))
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                group["params"] = [parameter for parameter in group["params"] if parameter not in frozen]
        super().on_fit_start(trainer, pl_module)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """A training that is resumed in the middle of an epoch has no start of that epoch."""
        self.on_train_epoch_start(trainer, pl_module)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Unfreeze when it is time."""
        super().on_train_epoch_start(trainer, pl_module)
        if self._is_frozen(trainer.current_epoch) or self.keep_statistics:
            for module in self._head_and_rest(pl_module)[1]:
                if isinstance(module, _BatchNorm):
                    module.eval()

    def finetune_function(self, pl_module: LightningModule, epoch: int, optimizer: Optimizer) -> None:
        """Give the backbone a group of its own, once."""
        if self._is_frozen(epoch):
            return
        known = {parameter for group in optimizer.param_groups for parameter in group["params"]}
        backbone = self._of_backbone(pl_module)
        for parameter in backbone:
            parameter.requires_grad_(True)
        if not known & set(backbone):
            learning_rate = optimizer.param_groups[0]["lr"] * self.learning_rate_factor
            optimizer.add_param_group({"params": backbone, "lr": learning_rate})
        for module in self._head_and_rest(pl_module)[1]:
            if isinstance(module, _BatchNorm):
                module.train()

    def _is_frozen(self, epoch: int) -> bool:
        return epoch < self.unfreeze_at_epoch

    def _of_backbone(self, pl_module: LightningModule) -> list[nn.Parameter]:
        of_head = set(self._head_and_rest(pl_module)[0].parameters())
        return [parameter for parameter in pl_module.parameters() if parameter not in of_head]

    def _head_and_rest(self, pl_module: LightningModule) -> tuple[nn.Module, list[nn.Module]]:
        modules = dict(pl_module.named_modules())
        name = last_linear(pl_module) if self.head is None else self.head
        if not name or name not in modules:
            raise ValueError(f"head (={name!r}) must be one of {', '.join(filter(None, modules))}")
        of_head = set(modules[name].modules())
        return modules[name], [module for module in modules.values() if module not in of_head]


def last_linear(model: nn.Module) -> str:
    """Give the name of the last nn.Linear. Raises: ValueError when there is none."""
    names: list[str] = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not names:
        raise ValueError(f"{type(model).__name__} has no nn.Linear to be the head; name the layer that is")
    return names[-1]


def new_head(model: nn.Module, num_classes: int, seed: int = 0) -> nn.Module:
    """Give a copy of a network whose last nn.Linear is a new one for `num_classes` classes, drawn from `seed`.

    Nothing else changes, and neither does the network itself.

    Raises: ValueError for fewer than one class, and for a network without an nn.Linear.
    """
    if num_classes < 1:
        raise ValueError(f"num_classes (={num_classes}) must be at least 1")
    name = last_linear(model)
    if not name:
        raise ValueError("the network is an nn.Linear itself; make a new one in its place")
    changed = copy.deepcopy(model)
    old = cast(nn.Linear, changed.get_submodule(name))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        new = nn.Linear(old.in_features, num_classes, bias=old.bias is not None)
    changed.set_submodule(name, new.to(old.weight).train(old.training))
    return changed


class PretrainedNet(nn.Module):
    """The network of a backbone (see backbones.load_backbone) with a new last layer: for recipes in YAML.

    Its layers have the backbone's names behind `network.`. The data must be prepared as the backbone was trained.

    Shape: images as the backbone wants them -> logits (N, num_classes).

    Raises: usage.InputError when the backbone cannot be loaded; ValueError as new_head does.
    """

    def __init__(self, backbone: str, num_classes: int, config: str | None = None, seed: int = 0) -> None:
        super().__init__()
        self.network = new_head(backbones.load_backbone(backbone, config).model, num_classes, seed).train()

    def forward(self, images: Tensor) -> Tensor:
        """Give the logits."""
        logits: Tensor = self.network(images)
        return logits

"""Frozen means bit for bit; unfrozen means everything learns; and a break in between changes nothing."""

from __future__ import annotations

import copy

import pytest
import torch
import yaml
from lightning import Callback, Trainer
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from hw_cnn import classifier, cli
from hw_cnn.data.feeding import loader
from hw_cnn.models import seminar
from hw_cnn.recipes import plateau
from hw_cnn.transfer import finetuning

IMAGES = torch.randint(0, 256, (24, 1, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(24) % 3


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Linear(144, 3)
    )


def batches() -> loader.TensorLoader:
    return loader.TensorLoader(IMAGES, LABELS, 8, shuffle=True)


def trainer(folder, epochs: int, *callbacks: Callback, **options) -> Trainer:
    return Trainer(
        **{"limit_val_batches": 0, "log_every_n_steps": 1, **options},
        max_epochs=epochs,
        accelerator="cpu",
        devices=1,
        logger=False,
        callbacks=list(callbacks),
        default_root_dir=folder,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


class Watch(Callback):
    """Keeps all numbers, modes and rates as each epoch leaves them."""

    def __init__(self) -> None:
        self.states: list[dict[str, torch.Tensor]] = []
        self.modes: list[list[bool]] = []
        self.rates: list[list[float]] = []

    def on_train_epoch_end(self, trainer, pl_module):
        self.states.append({name: value.clone() for name, value in pl_module.state_dict().items()})
        self.modes.append(
            [module.training for module in pl_module.modules() if isinstance(module, _BatchNorm)]
        )
        self.rates.append([group["lr"] for group in trainer.optimizers[0].param_groups])


@pytest.mark.parametrize("recipe", [classifier.Classifier, plateau.PlateauRecipe])
@pytest.mark.parametrize("keep_statistics", [False, True])
def test_frozen_then_not(recipe, keep_statistics, tmp_path):
    module = recipe(network().eval(), num_classes=3)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    watch = Watch()
    callback = finetuning.Finetuning(2, 0.25, keep_statistics=keep_statistics)
    run = trainer(tmp_path, 4, callback, watch, enable_checkpointing=False, limit_val_batches=1.0)
    # Validation in between: Lightning changes modes for it, and back.
    run.fit(module, batches(), batches())
    of_head = {"model.5.weight", "model.5.bias"}
    for epoch in (0, 1):
        for name, value in watch.states[epoch].items():
            assert torch.equal(value, before[name]) == (name not in of_head), (epoch, name)
        assert watch.modes[epoch] == [False]
    statistics = {"model.1.running_mean", "model.1.running_var", "model.1.num_batches_tracked"}
    for epoch in (2, 3):
        for name, value in watch.states[epoch].items():
            stays = keep_statistics and name in statistics
            assert torch.equal(value, watch.states[epoch - 1][name]) == stays, (epoch, name)
        assert watch.modes[epoch] == [not keep_statistics]
    assert watch.rates[0] == watch.rates[1] == [module.learning_rate]
    assert watch.rates[2] == [module.learning_rate, 0.25 * module.learning_rate]
    # A network that came in evaluation mode has been trained with its dropout.
    assert module.model[4].training
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_frozen_normalisation_takes_its_statistics():
    """The head must learn from what it will get in evaluation."""
    module = classifier.Classifier(network(), 3)
    nn.init.constant_(module.model[1].running_mean, 0.5)
    module.model[4].p = 0.0
    seen = []
    hook = module.model[5].register_forward_pre_hook(
        lambda layer, inputs: seen.append(inputs[0].detach().clone())
    )
    everything = loader.TensorLoader(IMAGES, LABELS, 24)
    run = trainer(None, 1, finetuning.Finetuning(9), enable_checkpointing=False)
    run.fit(module, everything, everything)
    hook.remove()
    with torch.no_grad():
        expected = module.model[:5].eval()(IMAGES.float() / 255)
    torch.testing.assert_close(seen[0], expected)


def test_unfrozen_from_the_start_is_two_rates(tmp_path):
    module, watch = classifier.Classifier(network(), 3), Watch()
    trainer(tmp_path, 1, finetuning.Finetuning(0, 0.5), watch, enable_checkpointing=False).fit(
        module, batches(), batches()
    )
    assert watch.rates == [[1e-3, 5e-4]]
    assert watch.modes == [[True]]


class Save(Callback):
    """Writes a checkpoint after the step of this number."""

    def __init__(self, path, step: int) -> None:
        self.path, self.step = path, step

    def on_train_batch_end(self, trainer, *args):
        # Of the last batch of an epoch, a checkpoint is written where that epoch ends.
        if trainer.global_step == self.step and not trainer.is_last_batch:
            trainer.save_checkpoint(self.path)

    def on_train_epoch_end(self, trainer, *args):
        if trainer.global_step == self.step:
            trainer.save_checkpoint(self.path)


@pytest.mark.parametrize("step", [2, 3, 5, 6, 8, 9])
def test_resumed_ends_where_an_unbroken_training_ends(step, tmp_path):
    """Three batches make an epoch, the third epoch is the first one that is not frozen."""

    def fit(*callbacks: Callback, **options) -> classifier.Classifier:
        network_ = network()
        # Nothing is drawn but the order of the images, which comes from the loader.
        network_[4].p = 0.0
        module = classifier.Classifier(network_, 3)
        run = trainer(tmp_path, 4, finetuning.Finetuning(2, 0.1), *callbacks, enable_checkpointing=False)
        run.fit(module, batches(), batches(), weights_only=True, **options)
        return module

    whole = fit(Save(tmp_path / "broken.ckpt", step))
    resumed = fit(ckpt_path=tmp_path / "broken.ckpt")
    assert all(parameter.requires_grad for parameter in resumed.parameters())
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, msg=name)


def test_head_by_name_and_no_freezing_for_a_test(tmp_path):
    module = classifier.Classifier(network(), 3)
    run = trainer(tmp_path, 1, finetuning.Finetuning(5, head="model.0"), enable_checkpointing=False)
    before = copy.deepcopy(module.state_dict())
    run.test(module, batches(), verbose=False)
    assert all(parameter.requires_grad for parameter in module.parameters())
    run.fit(module, batches(), batches())
    changed = {name for name, value in module.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"model.0.weight", "model.0.bias"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"unfreeze_at_epoch": -1}, r"unfreeze_at_epoch \(=-1\) must be at least 0"),
        ({"learning_rate_factor": 0.0}, r"learning_rate_factor \(=0.0\) above 0"),
        ({"learning_rate_factor": float("nan")}, "above 0"),
    ],
)
def test_refuses_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        finetuning.Finetuning(**arguments)


def test_refuses_heads(tmp_path):
    run = trainer(tmp_path, 1, finetuning.Finetuning(head="nothing"), enable_checkpointing=False)
    with pytest.raises(ValueError, match=r"head \(='nothing'\) must be one of model, model.0"):
        run.fit(classifier.Classifier(network(), 3), batches(), batches())
    run = trainer(tmp_path, 1, finetuning.Finetuning(), enable_checkpointing=False)
    convolutional = nn.Sequential(nn.Conv2d(1, 3, 8), nn.Flatten())
    with pytest.raises(ValueError, match=r"has no nn\.Linear to be the head"):
        run.fit(classifier.Classifier(convolutional, 3), batches(), batches())


def test_new_head():
    original = seminar.SeminarCNN().eval()
    before = copy.deepcopy(original.state_dict())
    state = torch.get_rng_state()
    changed = finetuning.new_head(original, 3, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    images = torch.randn(4, 1, 28, 28)
    assert changed(images).shape == (4, 3)
    assert all(torch.equal(before[name], value) for name, value in original.state_dict().items())
    for name, value in changed.state_dict().items():
        assert name.startswith("head.4.") or torch.equal(value, before[name])
    same, other = (finetuning.new_head(original, 3, seed).state_dict()["head.4.weight"] for seed in (1, 2))
    assert torch.equal(same, changed.state_dict()["head.4.weight"])
    assert not torch.equal(same, other)
    # Drawn as nn.Linear draws: within ±1/sqrt(84).
    assert float(same.abs().max()) <= 84**-0.5
    without_bias = finetuning.new_head(nn.Sequential(nn.Linear(4, 2, bias=False, dtype=torch.float64)), 5)[0]
    assert without_bias.bias is None
    assert without_bias.weight.dtype == torch.float64
    with pytest.raises(ValueError, match=r"num_classes \(=0\) must be at least 1"):
        finetuning.new_head(original, 0)
    with pytest.raises(ValueError, match=r"is an nn\.Linear itself"):
        finetuning.new_head(nn.Linear(2, 2), 3)


def test_recipe_in_yaml(checkpoint, tmp_path, capfd):
    recipe = {
        "seed_everything": 0,
        "trainer": {
            "max_epochs": 2,
            "limit_train_batches": 2,
            "limit_val_batches": 1,
            "log_every_n_steps": 1,
            "accelerator": "cpu",
            "default_root_dir": str(tmp_path),
            "callbacks": [
                {
                    "class_path": "hw_cnn.transfer.finetuning.Finetuning",
                    "init_args": {"unfreeze_at_epoch": 1, "learning_rate_factor": 0.1},
                }
            ],
        },
        "model": {
            "class_path": "hw_cnn.classifier.Classifier",
            "init_args": {
                "model": {
                    "class_path": "hw_cnn.transfer.finetuning.PretrainedNet",
                    "init_args": {"backbone": str(checkpoint), "num_classes": 10},
                }
            },
        },
        "data": {"class_path": "hw_cnn.data.digits.DigitsDataModule"},
    }
    (tmp_path / "finetune.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    assert cli.main(["fit", "--config", str(tmp_path / "finetune.yaml")]) == 0
    (written,) = tmp_path.glob("lightning_logs/version_0/checkpoints/last.ckpt")
    found = torch.load(written, weights_only=True)
    first = torch.load(checkpoint, weights_only=True)["state_dict"]
    old, new = first["model.features.0.weight"], found["state_dict"]["model.network.features.0.weight"]
    assert 0 < float((new - old).abs().max()) < 1e-3
    assert [group["lr"] for group in found["optimizer_states"][0]["param_groups"]] == [1e-3, 1e-4]

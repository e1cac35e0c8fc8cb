"""Trainings from the command line: repeated, interrupted, stopped early, in half precision, in two processes."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from hw_cnn import classifier, cli
from hw_cnn.models import seminar
from tests.hw_cnn import golden
from tests.machines import needs_host_name

ROOT = Path(__file__).resolve().parents[3]
# Dropout, momentum and a schedule that follows the validation: everything that a break could lose.
SHORT = (
    "--trainer.accelerator=cpu", "--trainer.limit_train_batches=6", "--trainer.log_every_n_steps=1",
    "--trainer.limit_val_batches=2",
)  # fmt: skip
DROPOUT = ("--config", "alexnet-digits", *SHORT)


def fit(root: Path, *argv: str) -> int:
    return cli.main(["fit", *argv, f"--trainer.default_root_dir={root}"])


def logged(root: Path, name: str = "train_loss", version: int = 0) -> list[float]:
    text = (root / f"lightning_logs/version_{version}/metrics.csv").read_text(encoding="utf-8")
    return [float(row[name]) for row in csv.DictReader(text.splitlines()) if row.get(name)]


def weights(root: Path, version: int = 0) -> dict[str, torch.Tensor]:
    path = root / f"lightning_logs/version_{version}/checkpoints/last.ckpt"
    return torch.load(path, weights_only=True)["state_dict"]


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize("recipe", golden.RECIPES)
def test_first_losses_are_the_golden_ones(recipe):
    found, kept = golden.losses(recipe), golden.read(recipe)
    assert len(found) == golden.NUM_STEPS
    assert golden.difference(found[: golden.NUM_CLOSE], kept[: golden.NUM_CLOSE]) < golden.CLOSE
    assert golden.difference(found, kept) < golden.TOLERANCE[recipe]


def test_golden_losses_notice_a_percent_of_the_learning_rate():
    found = golden.losses("digits", "--model.learning_rate=0.00303")
    assert (
        golden.difference(found[: golden.NUM_CLOSE], golden.read("digits")[: golden.NUM_CLOSE]) > golden.CLOSE
    )


def test_one_seed_decides_everything(tmp_path):
    every_step = (*DROPOUT, "--trainer.max_epochs=1")
    curves = {}
    for name, more in {
        "first": [],
        "same": [],
        "other": ["--seed_everything=1"],
        "other data": ["--data.seed=1"],
    }.items():
        assert fit(tmp_path / name, *every_step, *more) == 0
        curves[name] = logged(tmp_path / name)
    assert len(curves["first"]) == 6
    assert curves["first"] == curves["same"]
    assert len({tuple(curve) for name, curve in curves.items() if name != "same"}) == 3


def test_lightning_loads_its_checkpoint_around_a_new_network(tmp_path):
    few = ("--config", "digits", *SHORT, "--trainer.max_epochs=1")
    assert fit(tmp_path, *few, "--model.learning_rate=0.002") == 0
    path = tmp_path / "lightning_logs/version_0/checkpoints/last.ckpt"
    module = classifier.Classifier.load_from_checkpoint(path, model=seminar.SeminarCNN())
    assert same(module.state_dict(), weights(tmp_path))
    assert (module.learning_rate, module.hparams["num_classes"]) == (0.002, 10)


def test_without_a_gpu_torch_asks_for_one_in_the_cheap_way(tmp_path, monkeypatch):
    # With a GPU the setting of Lightning stays: a process must be able to fork after asking.
    monkeypatch.setenv("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    few = ("--config", "digits", *SHORT, "--trainer.max_steps=1")
    assert fit(tmp_path, *few) == 0
    assert os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] == ("0" if torch.cuda.device_count() == 0 else "1")


def config(root: Path) -> str:
    return (root / "lightning_logs/version_0/config.yaml").read_text(encoding="utf-8")


def test_data_follow_the_seed_unless_they_have_their_own(tmp_path):
    few = ("--config", "digits", "--trainer.accelerator=cpu", "--trainer.max_steps=1", "--seed_everything=7")
    assert fit(tmp_path / "follow", *few) == 0
    assert config(tmp_path / "follow").count("seed: 7") == 1
    assert fit(tmp_path / "own", *few, "--data.seed=0") == 0
    assert config(tmp_path / "own").count("seed: 0") == 1
    mine = tmp_path / "mine.yaml"
    mine.write_text("data:\n  class_path: DigitsDataModule\n  init_args:\n    seed: 3\n", encoding="utf-8")
    assert fit(tmp_path / "file", *few, "--config", str(mine)) == 0
    assert config(tmp_path / "file").count("seed: 3") == 1


@pytest.mark.parametrize("recipe", ["alexnet-digits", "lenet5-1998-digits"])
def test_a_continued_training_ends_where_an_unbroken_one_does(recipe, tmp_path):
    argv = ("--config", recipe, *SHORT)
    if recipe.startswith("lenet"):
        # Its rates depend on max_epochs, so only the stop comes earlier.
        argv = (*argv, "--trainer.max_epochs=3")
        first, rest = ("--trainer.max_steps=12",), ()
    else:
        first, rest = ("--trainer.max_epochs=2",), ("--trainer.max_epochs=3",)
    assert fit(tmp_path / "whole", *argv, *rest) == 0
    assert fit(tmp_path / "parts", *argv, *first) == 0
    assert fit(tmp_path / "parts", *argv, *rest, "--ckpt_path=last") == 0
    assert not same(weights(tmp_path / "parts", 0), weights(tmp_path / "parts", 1))
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts", 1))
    assert logged(tmp_path / "parts", "val_accuracy", 1) == logged(tmp_path / "whole", "val_accuracy")[2:]


def test_a_training_continues_in_the_middle_of_an_epoch(tmp_path):
    argv = (*DROPOUT, "--trainer.max_epochs=2")
    saving = (
        "--trainer.callbacks+=ModelCheckpoint", "--trainer.callbacks.every_n_train_steps=4",
        "--trainer.callbacks.save_top_k=-1", "--trainer.callbacks.filename=step{step}",
        "--trainer.callbacks.auto_insert_metric_name=false",
    )  # fmt: skip
    assert fit(tmp_path, *argv, *saving) == 0
    checkpoints = {path.stem: path for path in tmp_path.rglob("*.ckpt")}
    assert set(checkpoints) == {"step4", "step8", "step12"}
    assert fit(tmp_path, *argv, *saving, "--ckpt_path", str(checkpoints["step8"])) == 0
    expected = torch.load(checkpoints["step12"], weights_only=True)["state_dict"]
    (found,) = tmp_path.glob("lightning_logs/version_1/checkpoints/step12.ckpt")
    assert same(torch.load(found, weights_only=True)["state_dict"], expected)


def test_early_stopping_by_flags(tmp_path, capfd):
    argv = (
        "--config", "digits", *SHORT, "--trainer.limit_train_batches=1",
        "--trainer.limit_val_batches=1", "--model.learning_rate=1e-9", "--trainer.max_epochs=9",
        "--trainer.callbacks+=EarlyStopping", "--trainer.callbacks.monitor=val_accuracy",
        "--trainer.callbacks.mode=max", "--trainer.callbacks.patience=2",
    )  # fmt: skip
    assert fit(tmp_path, *argv) == 0
    said = capfd.readouterr()
    assert [line[:9] for line in said.err.splitlines() if line.startswith("epoch")] == [
        "epoch 1/9", "epoch 2/9", "epoch 3/9",
    ]  # fmt: skip
    assert "Warning" not in said.err


def test_mixed_precision_by_a_flag(tmp_path, capfd):
    argv = ("--config", "digits", "--trainer.accelerator=cpu", "--trainer.max_epochs=1")
    assert fit(tmp_path, *argv, "--trainer.precision=bf16-mixed", "--trainer.callbacks=null") == 0
    (checkpoint,) = tmp_path.rglob("last.ckpt")
    assert all(value.dtype != torch.bfloat16 for value in weights(tmp_path).values())
    assert float(logged(tmp_path, "val_accuracy")[-1]) > 0.8
    assert (
        cli.main(
            ["test", *argv[:3], "--trainer.precision=bf16-mixed", "--ckpt_path", str(checkpoint),
             "--report.lang=en"]
        )
        == 0
    )  # fmt: skip
    assert "top-1 error" in capfd.readouterr().out


def test_without_validation_only_the_last_epoch_is_kept(tmp_path, capfd):
    argv = ("--config", "digits", *SHORT, "--trainer.max_epochs=1", "--trainer.limit_val_batches=0")
    assert fit(tmp_path, *argv) == 0
    assert [path.name for path in tmp_path.rglob("*.ckpt")] == ["last.ckpt"]
    assert "best" not in capfd.readouterr().out


COMMANDS = {
    "module": [sys.executable, "-m", "hw_cnn.cli"],
    "console script": [str(Path(sys.executable).with_name("hw-cnn"))],
}


def process(way: str, *argv: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMANDS[way], *argv],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.slow
@pytest.mark.parametrize("way", ["console script", pytest.param("module", marks=pytest.mark.nightly)])
def test_two_processes_train_together_and_measure_each_image_once(way, tmp_path):
    if not Path(COMMANDS[way][0]).is_file():
        pytest.skip("the package is not installed here")
    needs_host_name()
    two = ("--trainer.accelerator=cpu", "--trainer.devices=2", "--trainer.strategy=ddp")
    argv = ("--config", "digits", "--data.batch_size=37")
    done = process(
        way, "fit", *argv, *two, "--trainer.max_epochs=1", "--trainer.callbacks=null", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "training on cpu, 2 processes" in done.stderr
    assert "Warning" not in done.stderr
    assert len(re.findall(r"^epoch 1/1", done.stderr, re.MULTILINE)) == 1
    assert done.stdout.count("best val_accuracy") == 1
    (kept,) = tmp_path.rglob("epoch*.ckpt")
    argv = (*argv, "--ckpt_path", str(kept), "--report.folder")
    single = process(way, "test", *argv, "one", "--trainer.accelerator=cpu", cwd=tmp_path)
    double = process(way, "test", *argv, "two", *two, cwd=tmp_path)
    assert (single.returncode, double.returncode) == (0, 0), single.stderr + double.stderr
    one, both = (json.loads((tmp_path / name / "test.json").read_text("utf-8")) for name in ("one", "two"))
    assert one == both
    assert both["num_images"] == 1000
    figures = [re.findall(r"(test_accuracy|test_loss)\D+([\d.]+)", done.stdout) for done in (single, double)]
    assert [name for name, _ in figures[0]] == ["test_accuracy", "test_loss"]
    for (_, alone), (_, together) in zip(*figures, strict=True):
        assert float(alone) == pytest.approx(float(together), rel=1e-5)
    refused = process(way, "predict", *argv[:-1], *two, cwd=tmp_path)
    assert refused.returncode == 2
    assert "predict prints the images in order, which takes one process" in refused.stderr


@pytest.mark.slow
def test_a_terminal_sees_a_bar_with_the_metric(tmp_path):
    argv = ["fit", "--config", "digits", "--trainer.accelerator=cpu", "--trainer.max_epochs=2"]
    leader, follower = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "TERM": "xterm"}
    child = subprocess.Popen(
        [*COMMANDS["module"], *argv], cwd=tmp_path, env=environment, stdout=follower, stderr=follower
    )
    os.close(follower)
    shown, end = b"", time.monotonic() + 120
    while time.monotonic() < end:
        if select.select([leader], [], [], 1.0)[0]:
            try:
                shown += os.read(leader, 65536)
            except OSError:  # the other side is closed
                break
        elif child.poll() is not None:
            break
    assert child.wait(timeout=60) == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode(errors="replace"))
    assert re.search(r"Epoch 1/1 .*47/47.*val_accuracy: 0\.\d+", text), text[-2000:]
    assert "Warning" not in text

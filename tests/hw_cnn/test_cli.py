"""The command `hw-cnn`: real processes for what must work, the same entry in process for what must be refused."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hw_cnn import cli
from hw_cnn.data.reading import embedded

ROOT = Path(__file__).resolve().parents[2]


def hw_cnn_process(*argv: str, cwd: Path, python_path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hw_cnn.cli", *argv],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(python_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder in which the recipe has run for one epoch, and what the command said."""
    folder = tmp_path_factory.mktemp("fit")
    done = hw_cnn_process(
        "fit", "--config", "digits", "--trainer.max_epochs=1", "--trainer.accelerator=cpu", "--trainer.callbacks=null",
        cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, done


@pytest.mark.slow
def test_fit_logs_and_keeps_the_best_checkpoint(trained):
    folder, done = trained
    assert done.stderr.startswith("loading Lightning...")
    assert re.search(
        r"epoch 1/1  train_accuracy 0\.\d+  train_loss \d+\.\d+  val_accuracy 0\.\d+", done.stderr
    )
    shown = re.fullmatch(r"best val_accuracy (0\.\d{4}): (lightning_logs/.*\.ckpt)\n", done.stdout)
    assert shown
    # The best epoch, and the last one to continue from.
    best = folder / shown[2]
    assert set(folder.rglob("*.ckpt")) == {best, best.with_name("last.ckpt")}
    logs = folder / "lightning_logs/version_0"
    rows = list(csv.DictReader((logs / "metrics.csv").read_text(encoding="utf-8").splitlines()))
    assert float(shown[1]) == pytest.approx(max(float(row["val_accuracy"] or 0) for row in rows), abs=1e-4)
    assert len(list(logs.glob("events.out.tfevents.*"))) == 1
    assert "preset: dls" in (logs / "config.yaml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_test_and_predict_agree_on_a_checkpoint(trained):
    folder, _ = trained
    checkpoint = str(next(folder.rglob("*.ckpt")))
    before = sorted(folder.rglob("*"))
    arguments = ("--config", "digits", "--ckpt_path", checkpoint, "--trainer.accelerator=cpu")
    tested = hw_cnn_process("test", *arguments, cwd=folder)
    predicted = hw_cnn_process("predict", *arguments, cwd=folder)
    assert (tested.returncode, predicted.returncode) == (0, 0), tested.stderr + predicted.stderr
    header, *rows = predicted.stdout.splitlines()
    assert header == "index,prediction"
    labels = embedded.load_digits("test")[1].tolist()
    right = sum(
        row == f"{index},{label}" for index, (row, label) in enumerate(zip(rows, labels, strict=True))
    )
    shown = re.search(r"test_accuracy\D+(0\.\d+)", tested.stdout)
    assert shown
    assert float(shown[1]) == pytest.approx(right / 1000, abs=1e-6)
    assert right > 700
    assert "Warning" not in tested.stderr + predicted.stderr
    assert sorted(folder.rglob("*")) == before


@pytest.mark.slow
def test_trainer_flags_are_kept(tmp_path):
    done = hw_cnn_process(
        "fit", "--config", "digits", "--model.model", "seminar-hse", "--trainer.accelerator=cpu",
        "--trainer.logger=false", "--trainer.enable_checkpointing=false", "--trainer.max_steps=2",
        "--trainer.limit_val_batches=0", "--trainer.enable_model_summary=true", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "47.7 K" in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def without_task(folder: Path) -> Path:
    """A copy of the package in which task I1 is not written."""
    shutil.copytree(ROOT / "hw_cnn", folder / "hw_cnn", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "hw_cnn/models/seminar.py"
    source = path.read_text(encoding="utf-8")
    stub = source.replace("        super().__init__()\n", '        raise NotImplementedError("task I1")\n', 1)
    assert stub != source
    path.write_text(stub, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_unwritten_task(tmp_path):
    folder = without_task(tmp_path)
    source = (folder / "hw_cnn/models/seminar.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(source, 1) if "task I1" in text)
    for argv in (("summary", "seminar"), ("fit", "--config", "digits")):
        done = hw_cnn_process(*argv, cwd=folder, python_path=folder)
        last = done.stderr.splitlines()[-1]
        assert last == f"hw-cnn: task I1 is not written yet: hw_cnn/models/seminar.py:{line}"
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_summary(capsys):
    assert cli.main(["summary", "seminar"]) == 0
    table = capsys.readouterr().out
    assert all(figure in table for figure in ("44,426", "281,640", "30,840", "6x24x24"))
    assert cli.main(["summary", "seminar-hse", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == {
        "num_parameters": 47_658,
        "num_connections": 513_418,
        "num_macs": 506_240,
    }


DAMAGED = "damaged.ckpt"
FIT = ("fit", "--config", "digits")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("summary", "lenet9"), "there is no model 'lenet9'; the models are seminar, seminar-hse"),
        (("fit",), r"fit needs a network: --config NAME \(.*digits.*\) or --model.model NAME"),
        (("fit", "--config", "digit"), "no file 'digit' and no recipe of that name; the recipes are alexnet"),
        ((*FIT, "--model.model", "Foo"), "there is no model 'Foo'"),
        ((*FIT, "--model.model", "my_nets.Foo"), "my_nets.Foo"),
        ((*FIT, "--model.model.preset", "huge"), r"preset \(='huge'\) must be one of 'dls', 'hse'"),
        ((*FIT, "--trainer.max_epochs", "many"), "--trainer.max_epochs cannot be 'many'; expected int"),
        ((*FIT, "--trainer.max_epohcs", "3"), "--trainer.max_epohcs"),
        ((*FIT, "--trainer.accelerator", "abacus"), "the trainer refuses its options.*abacus"),
        ((*FIT, "--data", "Letters"), "there is no data set 'Letters'"),
        ((*FIT, "--data.batch_size", "0"), r"batch_size \(=0\) must be at least 1"),
        (("test", "--config", "digits", "--ckpt_path", "none.ckpt"), "there is no checkpoint 'none.ckpt'"),
        (
            ("test", "--config", "digits", "--ckpt_path", DAMAGED),
            "'damaged.ckpt' is damaged or is not a checkpoint",
        ),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(argv, message, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    Path(DAMAGED).write_bytes(b"PK\x03\x04 and nothing more")
    assert cli.main(list(argv)) == 2
    last = capfd.readouterr().err.splitlines()[-1]
    assert last.startswith("hw-cnn: ")
    assert re.search(message, last), last
    assert [path.name for path in tmp_path.iterdir()] == [DAMAGED]


@pytest.mark.parametrize("argv", [("fitt",), ("summary",), ("summary", "seminar", "--jason")])
def test_mistyped_commands_exit_2(argv, capfd):
    assert cli.main(list(argv)) == 2
    assert "Traceback" not in capfd.readouterr().err


def test_a_checkpoint_of_another_network_is_named(tmp_path, monkeypatch, capfd):
    import torch

    monkeypatch.chdir(tmp_path)
    torch.save(
        {"state_dict": {"model.weight": torch.zeros(2)}, "pytorch-lightning_version": "2.6.6"}, "other.ckpt"
    )
    argv = ["test", "--config", "digits", "--ckpt_path", "other.ckpt", "--trainer.accelerator=cpu"]
    assert cli.main(argv) == 2
    assert "the checkpoint belongs to another network" in capfd.readouterr().err.splitlines()[-1]


def test_a_place_that_cannot_be_written_is_named(tmp_path, capfd):
    (tmp_path / "file").write_text("", encoding="utf-8")
    argv = [*FIT, "--trainer.accelerator=cpu", "--trainer.limit_val_batches=0", "--trainer.max_steps=1"]
    # Nobody can make a folder below a file; permissions would not stop a test that runs as root.
    assert cli.main([*argv, f"--trainer.default_root_dir={tmp_path / 'file' / 'logs'}"]) == 2
    last = capfd.readouterr().err.splitlines()[-1]
    assert re.search(
        r"hw-cnn: cannot write .*/file/logs.*: Not a directory; .*--trainer.default_root_dir", last
    ), last

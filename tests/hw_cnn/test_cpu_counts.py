"""Training gives no warning, however many processors the machine has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import os, sys, tomllib, warnings
from pathlib import Path

count, root = int(sys.argv[1]), Path(sys.argv[2])
os.cpu_count = os.process_cpu_count = lambda: count
os.sched_getaffinity = lambda process: set(range(count))

# The project's own list, so that it cannot drift from what this test allows.
from _pytest.config import parse_warning_filter
settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
for line in settings["filterwarnings"]:
    warnings.filterwarnings(*parse_warning_filter(line, escape=False))

import torch
torch.set_num_threads(count)
from lightning import Trainer
from hw_cnn import classifier, cli
from hw_cnn.data import digits
from hw_cnn.data.reading import embedded
from hw_cnn.models import seminar

data = digits.DigitsDataModule(batch_size=50)
data.splits["train"] = tuple(part[:600] for part in embedded.load_digits("train"))
module = classifier.Classifier(seminar.SeminarCNN())
trainer = Trainer(max_epochs=2, accelerator="cpu", devices=1, log_every_n_steps=5)
trainer.fit(module, datamodule=data)
trainer.validate(module, datamodule=data)
trainer.test(module, datamodule=data)
trainer.predict(module, datamodule=data)
assert os.cpu_count() == count
assert torch.get_num_threads() == count
assert cli.main(["fit", "--config", "digits", "--trainer.max_epochs=1", "--trainer.accelerator=cpu"]) == 0
"""


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, pytest.param(16, marks=pytest.mark.nightly)])
def test_fit_gives_no_warning(count, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(count), str(ROOT)],
        cwd=tmp_path,
        # Sixteen threads on fewer processors must not wait for each other actively.
        env={**os.environ, "OMP_NUM_THREADS": str(count), "OMP_WAIT_POLICY": "PASSIVE"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr

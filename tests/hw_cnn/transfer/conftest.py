"""One short training, as a user starts it, for all tests of transfer; and a cache of their own."""

from __future__ import annotations

import pytest
import torch

from hw_cnn import cli


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """Nobody's real cache is read or written."""
    monkeypatch.setenv("HW_CNN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """The path of last.ckpt of one epoch on 640 digits, its config.yaml where `fit` puts it."""
    root = tmp_path_factory.mktemp("trained")
    state = torch.get_rng_state()
    argv = ["fit", "--config", "digits", "--trainer.max_epochs=1", "--trainer.limit_train_batches=5"]
    argv += [
        f"--trainer.default_root_dir={root}",
        "--trainer.accelerator=cpu",
        "--trainer.limit_val_batches=1",
        "--trainer.log_every_n_steps=1",
    ]
    assert cli.main(argv) == 0
    torch.set_rng_state(state)
    (found,) = root.glob("lightning_logs/version_0/checkpoints/last.ckpt")
    return found

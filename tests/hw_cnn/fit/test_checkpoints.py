"""Which file `--ckpt_path` means."""

from __future__ import annotations

import os

import pytest
import torch

from hw_cnn import usage
from hw_cnn.fit import checkpoints


def checkpoint(path, content=None, mtime: float = 0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": {}} if content is None else content, path)
    os.utime(path, (mtime, mtime))
    return path


def test_last_is_the_newest_training_below_the_root(tmp_path):
    for version, mtime in (("version_2", 50.0), ("version_10", 70.0), ("version_3", 60.0)):
        checkpoint(tmp_path / "lightning_logs" / version / "checkpoints/last.ckpt", mtime=mtime)
    checkpoint(tmp_path / "lightning_logs/version_11/checkpoints/epoch=3.ckpt", mtime=99.0)
    expected = str(tmp_path / "lightning_logs/version_10/checkpoints/last.ckpt")
    for command in ("fit", "test"):
        assert checkpoints.resolve("last", command, tmp_path) == expected


def test_a_file_is_itself_and_words_of_lightning_stay(tmp_path):
    path = checkpoint(tmp_path / "mine.ckpt")
    assert checkpoints.resolve(str(path), "validate", tmp_path) == str(path)
    assert checkpoints.resolve("hpc", "fit", tmp_path) == "hpc"


class Evil:
    def __reduce__(self):
        return (os.system, ("touch was_run",))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("last", "there is no checkpoint to continue from: no lightning_logs"),
        ("none.ckpt", "there is no checkpoint 'none.ckpt'"),
        ("numbers.ckpt", "not a checkpoint of Lightning: it has no 'state_dict'"),
        ("evil.ckpt", "damaged or is not a checkpoint"),
    ],
)
def test_refuses(path, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoint(tmp_path / "numbers.ckpt", {"weights": 1})
    checkpoint(tmp_path / "evil.ckpt", {"state_dict": Evil()})
    with pytest.raises(usage.InputError, match=message):
        checkpoints.resolve(path, "fit", tmp_path)
    assert not (tmp_path / "was_run").exists()

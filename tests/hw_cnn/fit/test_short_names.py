"""Short names on the command line."""

from __future__ import annotations

import pytest

from hw_cnn import usage
from hw_cnn.fit import short_names

DIGITS = str(short_names.CONFIGS / "digits.yaml")
HSE = ["--model.model", "hw_cnn.models.seminar.SeminarCNN", "--model.model.preset=hse"]


@pytest.mark.parametrize(
    ("argv", "expanded"),
    [
        (["--config", "digits"], ["--config", DIGITS]),
        (["-c", "digits"], ["--config", DIGITS]),
        (["--config=digits"], ["--config", DIGITS]),
        (["--model.model", "seminar-hse"], HSE),
        (["--model.model=seminar-hse"], HSE),
        (["--model.model", "my_nets.MyNet"], ["--model.model", "my_nets.MyNet"]),
        (["--model.model", "SeminarCNN"], ["--model.model", "SeminarCNN"]),
        (["--trainer.max_epochs=3", "--data.seed", "1"], ["--trainer.max_epochs=3", "--data.seed", "1"]),
    ],
)
def test_expand(argv, expanded):
    assert short_names.expand(argv) == expanded


def test_a_file_goes_before_a_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").write_text("seed_everything: 1\n", encoding="utf-8")
    assert short_names.expand(["--config", "digits"]) == ["--config", "digits"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--config", "nope"], "no file 'nope' and no recipe of that name; the recipes are alexnet"),
        (["--model.model", "alexnet-9"], "no model 'alexnet-9'; the models are seminar, seminar-hse"),
        (["--model.model", "Foo"], "no model 'Foo'"),
        (["--config"], "--config needs a value, for example --config digits"),
    ],
)
def test_refuses(argv, message):
    with pytest.raises(usage.InputError, match=message):
        short_names.expand(argv)

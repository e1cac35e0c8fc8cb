"""`hw-cnn probe`: a table, or one sentence."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys

import pytest
import torch
import typer
from typer import testing

from hw_cnn import usage
from hw_cnn.data.reading import embedded
from hw_cnn.evaluation import wilson
from hw_cnn.transfer import backbones, command, embedding, probe, stored_images
from hw_cnn.transfer.experiment import comparison

RUNNER = testing.CliRunner()


@pytest.fixture
def run():
    app = typer.Typer(add_completion=False)
    app.command("probe")(command.probe)

    def run(*argv: str) -> testing.Result:
        return RUNNER.invoke(app, list(map(str, argv)), catch_exceptions=False)

    return run


def test_figures_are_those_of_the_parts(checkpoint, run):
    request = comparison.Request(str(checkpoint), num_labels=40, num_test=100, classes=(5, 6, 7), num_seeds=2)
    result = comparison.measure(request)
    backbone = backbones.load_backbone(str(checkpoint))

    def chosen(split: str) -> stored_images.Part:
        images, labels = embedded.load_digits(split)
        rows = torch.isin(labels, torch.tensor([5, 6, 7])).nonzero()[:, 0]
        return stored_images.Part(images[rows], labels[rows])

    train, test = chosen("train"), chosen("test")
    test = test.select(stored_images.draw(test.labels, 100, 0).sort().values)
    by_hand = []
    for seed in range(2):
        drawn = train.select(stored_images.draw(train.labels, 40, seed))
        features = [
            embedding.embed(backbone.model, backbone.preprocessing.batches(part, 64))[0]
            for part in (drawn, test)
        ]
        found = probe.linear_probe(features[0], drawn.labels, features[1], seed=seed)
        by_hand.append((found.predictions == test.labels).double().mean().item())
    row, raw = result.rows
    assert row.accuracies == tuple(by_hand)
    assert (row.num_features, raw.num_features) == (84, 784)
    assert raw.name == "raw pixels"
    assert row.deviation == statistics.stdev(by_hand)
    assert row.interval(100) == wilson.wilson(statistics.fmean(by_hand), 100)
    assert set(test.labels[:1].tolist()) <= {5, 6, 7}
    assert min(row.mean, raw.mean) > 0.5


def test_table_and_second_time_from_the_cache(checkpoint, run):
    argv = [
        checkpoint,
        "--classes",
        "5-9",
        "--labels",
        "25",
        "--test-images",
        "50",
        "--seeds",
        "2",
        "--lang",
        "en",
    ]
    first, second = run(*argv), run(*argv)
    assert first.exit_code == second.exit_code == 0
    assert "digits: 25 labels, 5 classes, 50 test images, 2 seeds; guessing 20.0 %" in first.stdout
    (row,) = re.findall(r"last\.ckpt +84 .*", second.stdout)
    assert "read" in row
    assert "read" not in first.stdout
    (raw,) = re.findall(r"raw pixels +784 .*", second.stdout)
    share, low, high = map(float, re.search(r"784 +([\d.]+) +([\d.]+)-([\d.]+)", raw).groups())
    assert low < share < high
    assert (low, high) == pytest.approx([100 * v for v in wilson.wilson(share / 100, 50)], abs=0.02)
    # All that differs is time and cache.
    assert [line.split()[:4] for line in first.stdout.splitlines()] == [
        line.split()[:4] for line in second.stdout.splitlines()
    ]


def test_in_russian_with_a_layer_and_a_picture(checkpoint, run, tmp_path, monkeypatch):
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    picture = tmp_path / "n.png"
    argv = [checkpoint, "--layer", "features.5", "--labels", "20", "--test-images", "30", "--seeds", "1"]
    done = run(*argv, "--neighbours", picture)
    assert done.exit_code == 0
    assert "меток 20, классов 10" in done.stdout
    assert "наугад 10,0 %" in done.stdout
    assert re.search(r"256 +\d+,\d\d +\d+,\d\d-\d+,\d\d ", done.stdout)
    assert "доля верных, %" in done.stdout
    assert done.stderr.startswith("загружаю сеть...\n")
    assert re.search(r"last\.ckpt +256 ", done.stdout)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["resnet"], "there is no backbone 'resnet'"),
        (["CKPT", "--data", "nothing"], "there is no data set 'nothing'; the data sets are digits"),
        (["CKPT", "--data", "image-folder", "--data-root", "nowhere"], "nowhere has no folder train"),
        (["CKPT", "--data-root", "here"], "DigitsDataModule refuses its arguments"),
        (["CKPT", "--layer", "nothing"], r"layer \(='nothing'\) must be one of features"),
        (["CKPT", "--labels", "0"], r"--labels \(=0\) must be at least 1"),
        (["CKPT", "--labels", "6001"], r"--labels \(=6001\) must be at most 6000"),
        (["CKPT", "--seeds", "0"], r"--seeds \(=0\) must be at least 1"),
        (["CKPT", "--classes", "9-5"], r"--classes \(='9-5'\) must be numbers and ranges"),
        (["CKPT", "--classes", "five"], "must be numbers and ranges"),
        (["CKPT", "--classes", "5"], "at least two classes"),
        (["CKPT", "--classes", "8-11"], "--classes names 10, and no image has it; the labels are 0..9"),
        (["CKPT", "--lang", "de"], "there is no table in 'de'; --lang is ru or en"),
        (["CKPT", "--device", "tpu"], "there is no device 'tpu'"),
        (["CKPT", "--neighbours", "n.txt"], r"must end with \.png, \.svg or \.pdf"),
        (["CKPT", "--neighbours", "nowhere/n.png"], "there is no folder"),
    ],
)
def test_refuses_in_one_sentence(argv, message, checkpoint, run):
    with pytest.raises(usage.InputError, match=message) as caught:
        run(*[str(checkpoint) if word == "CKPT" else word for word in argv])
    assert "\n" not in str(caught.value)


def test_cache_that_cannot_be_written_is_a_sentence(checkpoint, run, cache_folder):
    cache_folder.write_text("a file in the way", encoding="utf-8")
    done = run(checkpoint, "--labels", "20", "--test-images", "20", "--seeds", "2", "--lang", "en")
    assert done.exit_code == 0
    assert done.stderr.count("features cannot be kept in") == 1


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("5-9", (5, 6, 7, 8, 9)), ("0,3,7", (0, 3, 7)), ("1, 4-5,4", (1, 4, 5)), ("10-11", (10, 11))],
)
def test_classes(text, numbers):
    assert command.parse_classes(text) == numbers


def test_pixels_of_large_images_are_made_smaller():
    large = torch.randint(0, 256, (2, 3, 70, 50), dtype=torch.uint8)
    assert comparison.pixels(stored_images.Part(large, torch.zeros(2))).shape == (2, 3 * 32 * 32)
    small = torch.randint(0, 256, (2, 9, 9), dtype=torch.uint8)
    assert torch.equal(
        comparison.pixels(stored_images.Part(small, torch.zeros(2))), small.flatten(1).float() / 255
    )


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys, hw_cnn.transfer, hw_cnn.transfer.command\n"
        "dir(hw_cnn.transfer)\n"
        "assert not {'torch', 'numpy', 'lightning', 'matplotlib'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr

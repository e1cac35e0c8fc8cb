"""The embedded digits and their DataModule."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning import Trainer
from torch.testing import assert_close

from hw_cnn import classifier
from hw_cnn.data import digits
from hw_cnn.data.reading import embedded

ROOT = Path(__file__).resolve().parents[3]
HIDDEN = ROOT / "assignments/seminar_cnn/hidden/digits.npz"
HIDDEN_SHA256 = "c3f66f49d468f74fa0f192ee3151cc6902585d4a05539aa2ececd0203c3dc50b"
SIZES = {"train": 6000, "val": 1000, "test": 1000}


def images_of_all_splits() -> dict[str, set[bytes]]:
    found = {split: {image.numpy().tobytes() for image in embedded.load_digits(split)[0]} for split in SIZES}
    if HIDDEN.exists():
        with np.load(HIDDEN, allow_pickle=False) as arrays:
            found["hidden"] = {image.tobytes() for image in arrays["images"]}
    return found


def test_checksum():
    recorded, name = embedded.DIGITS_FILE.with_suffix(".sha256").read_text(encoding="utf-8").split()
    assert name == embedded.DIGITS_FILE.name
    assert hashlib.sha256(embedded.DIGITS_FILE.read_bytes()).hexdigest() == recorded


@pytest.mark.skipif(not HIDDEN.exists(), reason="the hidden digits are not in this checkout")
def test_checksum_of_the_hidden_digits():
    assert hashlib.sha256(HIDDEN.read_bytes()).hexdigest() == HIDDEN_SHA256


def test_no_image_is_in_two_splits_or_twice_in_one():
    found = images_of_all_splits()
    sizes = {**SIZES, "hidden": 2000}
    assert {split: len(images) for split, images in found.items()} == {split: sizes[split] for split in found}
    assert len(set.union(*found.values())) == sum(sizes[split] for split in found)


@pytest.mark.parametrize("split", SIZES)
def test_splits_are_images_with_stratified_labels(split):
    images, labels = embedded.load_digits(split)
    assert (images.shape, images.dtype, labels.dtype) == ((SIZES[split], 28, 28), torch.uint8, torch.int64)
    shares = {part: embedded.load_digits(part)[1].bincount(minlength=10) / SIZES[part] for part in SIZES}
    assert_close(shares[split], shares["train"], atol=0.002, rtol=0)
    # Mixed, not sorted by class: any tenth of the part holds every class.
    assert all(len(chunk.unique()) == 10 for chunk in labels.chunk(10))


def test_unknown_split():
    with pytest.raises(ValueError, match=r"'hidden'.*must be one of 'train', 'val', 'test'"):
        embedded.load_digits("hidden")


def test_normalisation_constants_are_those_of_the_training_part():
    images = embedded.load_digits("train")[0].double() / 255
    assert digits.DigitsDataModule.mean == pytest.approx(images.mean().item(), abs=0.001)
    assert digits.DigitsDataModule.std == pytest.approx(images.std().item(), abs=0.001)


def loaders(data: digits.DigitsDataModule):
    return {
        "train": data.train_dataloader(),
        "val": data.val_dataloader(),
        "test": data.test_dataloader(),
        "predict": data.predict_dataloader(),
    }


def test_every_loader_gives_all_images_and_only_train_is_shuffled():
    for name, batches in loaders(digits.DigitsDataModule(batch_size=300)).items():
        labels = torch.cat([y for _, y in batches])
        expected = embedded.load_digits({"predict": "test"}.get(name, name))[1]
        assert len(labels) == len(expected)
        assert torch.equal(labels, expected) == (name != "train")
        assert torch.equal(labels.sort().values, expected.sort().values)


def test_only_train_is_shifted():
    still, moving = (
        loaders(digits.DigitsDataModule(batch_size=1000, max_shift_px=shift)) for shift in (0, 2)
    )
    for name in still:
        same = torch.equal(next(iter(still[name]))[0], next(iter(moving[name]))[0])
        assert same == (name != "train")


def test_seed_decides_the_order():
    first, same, other = (
        next(iter(digits.DigitsDataModule(seed=s).train_dataloader()))[1] for s in (3, 3, 4)
    )
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_given_split_is_used_instead():
    data = digits.DigitsDataModule()
    data.splits["train"] = (torch.full((10, 28, 28), 255, dtype=torch.uint8), torch.arange(10))
    data.setup("fit")
    ((images, labels),) = data.train_dataloader()
    assert_close(images, torch.full((10, 1, 28, 28), (1 - 0.1307) / 0.3081))
    assert sorted(labels.tolist()) == list(range(10))
    assert len(data.val_dataloader().labels) == 1000


@pytest.mark.parametrize("arguments", [{"batch_size": 0}, {"max_shift_px": -1}])
def test_refuses(arguments):
    with pytest.raises(ValueError, match="must be at least 1"):
        digits.DigitsDataModule(**arguments)


def test_trainer_measures_all_images(tmp_path):
    module = classifier.Classifier(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10)))
    trainer = Trainer(
        accelerator="cpu", logger=False, enable_progress_bar=False, default_root_dir=tmp_path, devices=1
    )
    (logged,) = trainer.test(module, datamodule=digits.DigitsDataModule(batch_size=64), verbose=False)
    images, labels = embedded.load_digits("test")
    with torch.no_grad():
        logits = module((images.float().unsqueeze(1) / 255 - 0.1307) / 0.3081)
    # 1000 is no multiple of 64: a mean over batches would differ.
    assert logged["test_accuracy"] == pytest.approx(
        (logits.argmax(1) == labels).double().mean().item(), abs=1e-6
    )
    loss = torch.nn.functional.cross_entropy(logits, labels)
    assert logged["test_loss"] == pytest.approx(loss.item(), abs=1e-5)


def test_two_processes_share_the_test_images(tmp_path):
    data = digits.DigitsDataModule(batch_size=300)
    data.trainer = Trainer(
        accelerator="cpu", devices=2, strategy="ddp_spawn", logger=False, default_root_dir=tmp_path
    )
    # No process is started: this one is the first of two.
    assert torch.equal(
        torch.cat([labels for _, labels in data.test_dataloader()]), embedded.load_digits("test")[1][::2]
    )
    assert sum(len(labels) for _, labels in data.train_dataloader()) == 3000

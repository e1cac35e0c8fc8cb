"""Labelled images as they are stored, and what a backbone makes of them."""

from __future__ import annotations

import os

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from lightning import LightningDataModule
from PIL import Image

from hw_cnn import data, usage
from hw_cnn.data.reading import embedded
from hw_cnn.transfer import preprocessing, stored_images


@given(
    counts=st.lists(st.integers(1, 20), min_size=1, max_size=6),
    seed=st.integers(0, 9),
    share=st.floats(0.01, 1),
)
@settings(deadline=None)
def test_draws_of_each_class_as_many(counts, seed, share):
    labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    count = max(1, round(share * len(labels)))
    rows = stored_images.draw(labels, count, seed)
    assert len(set(rows.tolist())) == count
    numbers = labels[rows].bincount(minlength=len(counts)).tolist()
    for own, there_are in zip(numbers, counts, strict=True):
        assert own == there_are or own >= max(numbers) - 1
    assert torch.equal(stored_images.draw(labels, count, seed), rows)
    assert torch.equal(stored_images.draw(labels, len(labels), seed)[:count], rows)


def test_draw_refuses():
    for count in (0, 5):
        with pytest.raises(ValueError, match=rf"count \(={count}\) must be in 1..4"):
            stored_images.draw(torch.arange(4), count, 0)


def test_parts_of_the_digits():
    for split in ("train", "val", "test"):
        part = stored_images.part_of(data.DigitsDataModule(), split)
        images, labels = embedded.load_digits(split)
        assert torch.equal(part.images, images)
        assert torch.equal(part.labels, labels)
    chosen = part.select(torch.tensor([5, 2]))
    assert torch.equal(chosen.images, images[[5, 2]])
    assert torch.equal(chosen.labels, labels[[5, 2]])


def test_data_of_another_kind():
    class Mine(LightningDataModule):
        pass

    with pytest.raises(usage.InputError, match="Mine does not say which images it reads"):
        stored_images.part_of(Mine(), "train")


@pytest.fixture
def folders(tmp_path):
    """Six pictures of 20 x 30 pixels, three of each class."""
    for split, count in (("train", 3), ("test", 1), ("val", 1)):
        for label, colour in (("blue", (0, 0, 200)), ("red", (200, 0, 0))):
            folder = tmp_path / split / label
            folder.mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (30, 20), (colour[0], 10 * number, colour[2])).save(folder / f"{number}.png")
    return tmp_path


def test_files(folders):
    module = data.ImageFolderDataModule(root=str(folders), image_size=16)
    part = stored_images.part_of(module, "train")
    assert part.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert [path.name for path in part.select(torch.tensor([2, 3])).images] == ["2.png", "0.png"]
    wanted = preprocessing.Preprocessing(3, 14, (0.0,), (1.0,))
    (batch,) = wanted.batches(part, 8)
    assert batch[0].shape == (6, 3, 14, 14)
    colours = torch.tensor([[0, 10 * n, 200] for n in range(3)] + [[200, 10 * n, 0] for n in range(3)]) / 255
    torch.testing.assert_close(batch[0], colours[:, :, None, None].expand(-1, -1, 14, 14), atol=5e-3, rtol=0)
    in_memory = data.ImageFolderDataModule(root=str(folders), image_size=16, in_memory=True)
    assert stored_images.part_of(in_memory, "train").images.shape == (6, 3, 16, 16)
    grey = preprocessing.Preprocessing(1, 14, (0.5,), (0.5,))
    (batch,) = grey.batches(part, 8)
    wanted_grey = (colours @ torch.tensor([0.299, 0.587, 0.114]) - 0.5) / 0.5
    torch.testing.assert_close(batch[0][:, 0, 3, 3], wanted_grey, atol=1e-2, rtol=0)


def test_digest_follows_bytes_and_files(folders):
    images, labels = embedded.load_digits("val")
    part = stored_images.Part(images, labels)
    changed = images.clone()
    changed[7, 3, 3] ^= 1
    digests = [
        part.digest(),
        stored_images.Part(images, labels.flip(0)).digest(),
        stored_images.Part(images[:, None], labels).digest(),
    ]
    digests += [stored_images.Part(changed, labels).digest(), part.select(torch.arange(999)).digest()]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4
    files = stored_images.part_of(data.ImageFolderDataModule(root=str(folders)), "train")
    before = files.digest()
    assert files.digest() == before
    os.utime(files.images[0], (1.0, 1.0))
    assert files.digest() != before
    assert files.select(torch.arange(6).flip(0)).digest() != files.digest()


def test_bytes_are_padded_normalised_repeated_and_resized():
    images = torch.randint(0, 256, (5, 6, 6), dtype=torch.uint8)
    labels = torch.arange(5)
    scaled = images[:, None].float() / 255
    cases = {
        preprocessing.Preprocessing(1, 6, (0.2,), (0.4,)): (scaled - 0.2) / 0.4,
        preprocessing.Preprocessing(1, 10, (0.2,), (0.4,), pad_px=2): (F.pad(scaled, [2] * 4) - 0.2) / 0.4,
        preprocessing.Preprocessing(3, 6, (0.1, 0.2, 0.3), (1.0, 2.0, 3.0)): (
            scaled.expand(-1, 3, -1, -1) - torch.tensor([0.1, 0.2, 0.3])[:, None, None]
        )
        / torch.tensor([1.0, 2.0, 3.0])[:, None, None],
        # Padding belongs to images of another size: these are resized.
        preprocessing.Preprocessing(1, 9, (0.0,), (1.0,), pad_px=2): F.interpolate(
            scaled, (9, 9), mode="bilinear", antialias=True
        ),
    }
    for wanted, expected in cases.items():
        batches = wanted.batches(stored_images.Part(images, labels), 2)
        assert len(batches) == 3
        for _ in range(2):
            found = torch.cat([batch for batch, _ in batches])
            torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
        assert torch.cat([numbers for _, numbers in batches]).tolist() == [0, 1, 2, 3, 4]


def test_colours_to_grey_and_layout():
    images = torch.randint(0, 256, (5, 3, 6, 6), dtype=torch.uint8)
    wanted = preprocessing.Preprocessing(1, 6, (0.3,), (0.5,))
    ((batch, _),) = wanted.batches(stored_images.Part(images, torch.arange(5)), 8)
    grey = (images.float() * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True) / 255
    torch.testing.assert_close(batch, (grey - 0.3) / 0.5)
    by_pixel = preprocessing.Preprocessing(3, 6, (0.3,), (0.5,), is_channels_last=True)
    ((batch, _),) = by_pixel.batches(stored_images.Part(images, torch.arange(5)), 8)
    assert batch.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(batch, (images.float() / 255 - 0.3) / 0.5)


def test_preprocessing_of_data_modules():
    assert preprocessing.of_data(data.DigitsDataModule(pad_px=2)) == preprocessing.Preprocessing(
        1, 32, (0.1307,), (0.3081,), pad_px=2
    )
    shapes = data.ShapesDataModule(train_size=16, val_size=8, test_size=8)
    found = preprocessing.of_data(shapes)
    assert (found.num_channels, found.size_px) == shapes.input_shape[:2]
    assert found.mean == tuple(shapes.mean)
    with pytest.raises(data.DataError, match="has no folder train"):
        preprocessing.of_data(data.ImageFolderDataModule(root="nowhere"))

"""Grey images as a data module: what it reads and when, how it splits, what it changes, in Lightning's own hands."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lightning import LightningModule, Trainer

from hw_cnn.data import images as module
from hw_cnn.data.images import ImagesDataModule
from hw_cnn.data.reading.embedded import load_digits


class Read:
    """Images whose first pixel is their number, and a note of each part that was read."""

    def __init__(self, labels, test=7):
        self.labels, self.test = torch.tensor(labels), test
        self.parts = []

    def __call__(self, part):
        self.parts.append(part)
        count = len(self.labels) if part == "train" else self.test
        pixels = torch.randint(256, (count, 3, 4), generator=torch.Generator().manual_seed(len(part)))
        pixels[:, 0, 0] = torch.arange(count)
        labels = self.labels if part == "train" else torch.arange(count) % 2
        return pixels.to(torch.uint8), labels


LABELS = [0] * 12 + [1] * 24 + [2] * 4


def ready(read, stage="fit", **arguments):
    data = ImagesDataModule(read, **{"batch_size": 8, "val_size": 10, **arguments})
    data.setup(stage)
    return data


def numbers(data, loader):
    """The numbers of the images that a loader gives."""
    pixels = torch.cat([images for images, _ in loader])[:, 0, 0, 0] * data.std + data.mean
    return (pixels * 255).round().long().tolist()


@settings(deadline=None, max_examples=20)
@given(labels=st.lists(st.integers(0, 3), min_size=2, max_size=40), seed=st.integers(0, 9), data=st.data())
def test_parts_are_disjoint_complete_and_in_proportion(labels, seed, data):
    size = data.draw(st.integers(0, len(labels) - 1))
    made = ready(Read(labels), val_size=size, seed=seed)
    trained = numbers(made, made.train_dataloader())
    validated = numbers(made, made.val_dataloader()) if size else []
    assert sorted(trained + validated) == list(range(len(labels)))
    assert len(validated) == size
    for label in set(labels):
        share = labels.count(label) * size / len(labels)
        assert abs(sum(labels[number] == label for number in validated) - share) < 1


def test_labels_go_with_their_images():
    made = ready(Read(LABELS))
    for loader in (made.train_dataloader(), made.val_dataloader()):
        for batch in loader:
            assert batch[1].tolist() == [LABELS[number] for number in numbers(made, [batch])]


def test_the_seed_alone_decides_what_is_put_aside():
    torch.manual_seed(1)
    first = ready(Read(LABELS), seed=5)
    torch.manual_seed(2)
    again, other = ready(Read(LABELS), seed=5), ready(Read(LABELS), seed=6)
    chosen = [numbers(one, one.val_dataloader()) for one in (first, again, other)]
    assert chosen[0] == chosen[1] != chosen[2]


def test_only_training_is_shuffled_and_no_batch_is_lost():
    read = Read(LABELS)
    made = ready(read, "test")
    for loader, count, shuffled in (
        (made.train_dataloader(), 30, True),
        (made.val_dataloader(), 10, False),
        (made.test_dataloader(), 7, False),
    ):
        passes = [numbers(made, loader) for _ in range(2)]
        assert (passes[0] != passes[1]) is shuffled
        assert (passes[0] != sorted(passes[0])) is shuffled
        sizes = [len(labels) for _, labels in loader]
        assert sizes == [min(8, count - start) for start in range(0, count, 8)]


def test_statistics_are_those_of_the_training_part():
    made = ready(Read(LABELS), "test")
    pixels = made.train[0].double() / 255
    assert made.mean == pytest.approx(float(pixels.mean()))
    assert made.std == pytest.approx(float(pixels.std(correction=0)))
    batch = torch.cat([images for images, _ in made.train_dataloader()]).double()
    assert float(batch.mean()) == pytest.approx(0, abs=1e-5)
    assert float(batch.std(correction=0)) == pytest.approx(1, abs=1e-5)
    whole = torch.cat([images for images, _ in made.test_dataloader()])
    torch.testing.assert_close(whole[:, 0], ((made.test[0] / 255) - made.mean) / made.std)


def test_augmentation_is_for_training_and_anew_in_each_pass():
    given_images = []

    def augment(image):
        given_images.append(image)
        return image * 0 + torch.rand(())

    made = ready(Read(LABELS), "test", augment=augment)
    assert given_images == []
    plain = ready(Read(LABELS), "test")
    assert (made.mean, made.std) == (plain.mean, plain.std)
    for name in ("val_dataloader", "test_dataloader"):
        for (images, _), (expected, _) in zip(getattr(made, name)(), getattr(plain, name)(), strict=True):
            torch.testing.assert_close(images, expected)
    assert given_images == []
    loader = made.train_dataloader()
    passes = [torch.cat([images for images, _ in loader]) for _ in range(2)]
    assert len(given_images) == 60
    assert {image.shape for image in given_images} == {(1, 3, 4)}
    assert all(float(image.min()) >= 0 and float(image.max()) <= 1 for image in given_images)
    assert not set(passes[0].unique().tolist()) & set(passes[1].unique().tolist())


def test_nothing_is_read_before_setup_and_each_stage_stands_alone():
    read = Read(LABELS)
    made = ImagesDataModule(read, val_size=10)
    made.prepare_data()
    assert read.parts == []
    made.setup("validate")
    assert read.parts == ["train"]
    images, labels = next(iter(made.val_dataloader()))
    assert (images.shape, images.dtype, labels.dtype) == ((10, 1, 3, 4), torch.float32, torch.int64)
    alone = ready(Read(LABELS), "test")
    assert (alone.mean, alone.std) == (made.mean, made.std)
    assert numbers(alone, alone.test_dataloader()) == list(range(7))


@pytest.mark.parametrize("size", [len(LABELS), -1])
def test_refuses_a_part_that_cannot_be(size):
    with pytest.raises(
        ValueError, match=r"size \(=-?\d+\) of a part must be in 0\.\.39: there are 40 images"
    ):
        ready(Read(LABELS), val_size=size)


def test_images_of_one_colour_stay_finite():
    made = ImagesDataModule(lambda part: (torch.full((9, 2, 2), 80).byte(), torch.arange(9)), val_size=2)
    made.setup("fit")
    assert torch.equal(next(iter(made.train_dataloader()))[0], torch.zeros(7, 1, 2, 2))


def test_the_digits_are_such_images():
    data = ImagesDataModule(load_digits, batch_size=100)
    data.setup("fit")
    assert [len(part[1]) for part in (data.train, data.val)] == [5000, 1000]
    assert (data.mean, data.std) == (pytest.approx(0.131, abs=0.003), pytest.approx(0.309, abs=0.003))


class Counting(LightningModule):
    """Counts the images of each part; nothing is learned."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.seen = {"training": 0, "validation": 0, "test": 0}

    def training_step(self, batch):
        self.seen["training"] += len(batch[1])
        return self.weight * 0

    def validation_step(self, batch):
        self.seen["validation"] += len(batch[1])

    def test_step(self, batch):
        self.seen["test"] += len(batch[1])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


@pytest.mark.filterwarnings("ignore:The .*dataloader.* does not have many workers")
def test_lightning_goes_through_all_of_it(tmp_path):
    trainer = Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        default_root_dir=tmp_path,
        log_every_n_steps=1,
    )
    counting = Counting()
    trainer.fit(counting, datamodule=ImagesDataModule(Read(LABELS), batch_size=8, val_size=10))
    trainer.test(
        counting, datamodule=ImagesDataModule(Read(LABELS), batch_size=8, val_size=10), verbose=False
    )
    assert counting.seen == {"training": 60, "validation": 20, "test": 7}


def test_exported():
    from hw_cnn import data

    assert data.ImagesDataModule is module.ImagesDataModule

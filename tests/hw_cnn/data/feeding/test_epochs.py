"""Shards of several processes, and trainings that go on where they stopped."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

from hw_cnn.data.feeding import in_memory, loader


def numbered(count: int, batch_size: int, **arguments: object) -> loader.TensorLoader:
    labels = torch.arange(count)
    images = labels.to(torch.uint8)[:, None, None].expand(count, 2, 2)
    return loader.TensorLoader(images, labels, batch_size, **arguments)


def batches_of(loader_: loader.TensorLoader) -> list[list[int]]:
    return [labels.tolist() for _, labels in loader_]


@settings(deadline=None, max_examples=60)
@given(count=st.integers(1, 60), batch_size=st.integers(1, 9), world=st.integers(1, 7))
def test_in_evaluation_each_image_comes_once_over_all_processes(count, batch_size, world):
    shards = [numbered(count, batch_size, rank=rank, world_size=world) for rank in range(world)]
    given_batches = [batches_of(shard) for shard in shards]
    assert [len(found) for found in given_batches] == [len(shard) for shard in shards]
    flat = [index for found in given_batches for batch in found for index in batch]
    assert sorted(flat) == list(range(count))
    assert all(1 <= len(batch) <= batch_size for found in given_batches for batch in found)
    if batch_size > 1 and count >= world:
        assert len(set(map(len, given_batches))) == 1


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 60), batch_size=st.integers(1, 9), world=st.integers(1, 7), seed=st.integers(0, 9)
)
def test_in_training_all_processes_have_equally_many_images(count, batch_size, world, seed):
    shards = [
        numbered(count, batch_size, shuffle=True, rank=rank, world_size=world, seed=seed)
        for rank in range(world)
    ]
    for _ in range(2):
        given_batches = [batches_of(shard) for shard in shards]
        assert len({tuple(map(len, found)) for found in given_batches}) == 1
        flat = [index for found in given_batches for batch in found for index in batch]
        assert set(flat) == set(range(count))
        assert len(flat) == -(-count // world) * world
        if count >= world:
            assert max(map(flat.count, range(count))) <= 2
            assert sum(flat.count(index) == 2 for index in range(count)) == len(flat) - count


def test_processes_together_make_the_batches_of_one():
    """Two processes with 4 images each take the same steps as one process with 8."""
    whole = batches_of(numbered(32, 8, shuffle=True, seed=3))
    shards = [batches_of(numbered(32, 4, shuffle=True, seed=3, rank=rank, world_size=2)) for rank in (0, 1)]
    assert [sorted(a + b) for a, b in zip(*shards, strict=True)] == [sorted(batch) for batch in whole]


@settings(deadline=None, max_examples=40)
@given(epoch=st.integers(0, 4), num_before=st.integers(0, 3), num_given=st.integers(0, 5))
def test_set_epoch_and_state_dict_lead_to_the_same_batches(epoch, num_before, num_given):
    def make() -> loader.TensorLoader:
        return numbered(23, 5, shuffle=True, max_shift_px=1, flip="random", cutout_px=1, seed=8)

    straight = make()
    expected = [[batch[0].tolist() for batch in straight] for _ in range(7)]
    jumping = make()
    for _ in range(num_before):
        list(jumping)
    jumping.set_epoch(epoch)
    assert [batch[0].tolist() for batch in jumping] == expected[epoch]

    stopped = make()
    stopped.set_epoch(epoch)
    for number, _ in zip(range(num_given), stopped, strict=False):
        assert number < num_given
    resumed = make()
    resumed.load_state_dict(stopped.state_dict())
    rest = expected[epoch][num_given:] if num_given < 5 else expected[epoch + 1]
    assert [batch[0].tolist() for batch in resumed] == rest
    assert [batch[0].tolist() for batch in resumed] == expected[epoch + (2 if num_given == 5 else 1)]


class Numbered(in_memory.InMemoryDataModule):
    num_classes = 37
    image_shape = (1, 6, 6)

    def _read(self, split: str) -> in_memory.Split:
        generator = torch.Generator().manual_seed(0)
        return torch.randint(0, 256, (37, 6, 6), dtype=torch.uint8, generator=generator), torch.arange(37)


class Recorder(LightningModule):
    """Keeps all labels it is trained on, with the sum of the pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
        self.seen: list[tuple[int, ...]] = []

    def training_step(self, batch, batch_idx):
        images, labels = batch
        self.seen.append((*labels.tolist(), round(float(images.sum()), 2)))
        return self.layer(torch.ones(1, 1)).sum()

    def validation_step(self, batch, batch_idx):
        self.log("val", 1.0)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0)


def train(folder, saving: dict[str, object], ckpt_path=None, **arguments: object):
    data = Numbered(batch_size=6, max_shift_px=2, flip="alternating", mean=0.0, std=1.0, seed=2)
    module = Recorder()
    trainer = Trainer(
        max_epochs=3,
        accelerator="cpu",
        devices=1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[ModelCheckpoint(folder, filename="{step}", save_top_k=-1, **saving)],
        default_root_dir=folder,
        num_sanity_val_steps=1,
        **arguments,
    )
    trainer.fit(module, datamodule=data, ckpt_path=ckpt_path, weights_only=False if ckpt_path else None)
    return module.seen


@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty")
@pytest.mark.parametrize(
    ("saving", "arguments"),
    [
        ({"every_n_train_steps": 3}, {}),
        ({"every_n_epochs": 1}, {}),
        ({"every_n_epochs": 1, "save_on_train_epoch_end": True}, {}),
        ({"every_n_train_steps": 1}, {"val_check_interval": 2}),
        ({"every_n_train_steps": 2}, {"limit_train_batches": 4}),
    ],
    ids=["steps", "validation", "epoch end", "validation in the epoch", "limited epochs"],
)
def test_a_resumed_training_sees_the_batches_of_an_uninterrupted_one(tmp_path, saving, arguments):
    expected = train(tmp_path, saving, **arguments)
    # A resumed training writes beside them.
    paths = {int(path.stem.split("=")[1]): path for path in tmp_path.glob("*.ckpt")}
    assert len(paths) >= 3
    for step in sorted(paths)[:-1]:
        seen = train(tmp_path, saving, ckpt_path=paths[step], **arguments)
        assert seen == expected[step:], step

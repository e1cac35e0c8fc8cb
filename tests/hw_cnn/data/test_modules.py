"""The contract of all data modules: how images are parted, batched, measured and named."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from hw_cnn import data
from hw_cnn.data import cifar10, digits, drawn_shapes, folder, imagenet, mnist
from hw_cnn.data.reading import image_files
from tests.hw_cnn.data import made

BATCH = 10
WNIDS = ("n01440764", "n02099601", "n15075141")


@dataclass(frozen=True)
class Case:
    """How to make a data set, how many images it has, and what `seed` decides about its parts."""

    write: Callable[[Path], object]
    make: Callable[..., object]
    num_images: int
    cut_by_seed: tuple[str, ...] = ()
    is_measured: bool = True


def _cifar10(root: str, **arguments: object) -> cifar10.CIFAR10DataModule:
    module = cifar10.CIFAR10DataModule(root, val_size=33, **arguments)
    # Checksums of the files that were made; without files there is nothing to check.
    module.dataset = CIFAR10.get(root, module.dataset)
    return module


CIFAR10: dict[str, type] = {}


def _write_cifar10(root: Path) -> None:
    CIFAR10[str(root)] = made.write_cifar10(root)


def _write_folders(root: Path) -> None:
    made.write_images(root / "train", {"cat": 23, "dog": 41, "ant": 12})
    made.write_images(root / "val", {"dog": 7, "ant": 5})


def _write_all_folders(root: Path) -> None:
    _write_folders(root)
    made.write_images(root / "test", {"cat": 11})


def _write_imagenet(root: Path) -> None:
    made.write_images(root / "train", dict(zip(WNIDS, (21, 35, 44), strict=True)))
    made.write_images(root / "val", dict(zip(WNIDS, (3, 5, 4), strict=True)))


def _folder(root: str, **arguments: object) -> folder.ImageFolderDataModule:
    settings = {"image_size": 16, "val_share": 0.2, "num_workers": 0, **arguments}
    return folder.ImageFolderDataModule(root, **settings)


CASES = {
    "digits": Case(lambda root: None, lambda root, **a: digits.DigitsDataModule(**a), 8000, (), False),
    "mnist": Case(
        made.write_mnist,
        lambda root, **a: mnist.MNISTDataModule(root, val_size=37, skip_first=50, **a),
        219 - 50 + 55,
        ("val",),
    ),
    "fashion-mnist": Case(
        lambda root: made.write_mnist(root, "FashionMNIST"),
        lambda root, **a: mnist.FashionMNISTDataModule(root, val_size=37, **a),
        219 + 55,
        ("val",),
    ),
    "cifar10": Case(_write_cifar10, _cifar10, 264, ("val",)),
    "image-folder": Case(_write_folders, _folder, 88, ("val",)),
    "image-folder in memory": Case(
        _write_folders, lambda root, **a: _folder(root, in_memory=True, **a), 88, ("val",)
    ),
    "image-folder of train alone": Case(
        lambda root: made.write_images(root / "train", {"b": 40, "a": 31}), _folder, 71, ("val", "test")
    ),
    "image-folder of three parts": Case(_write_all_folders, _folder, 99),
    "imagenet": Case(
        _write_imagenet,
        lambda root, **a: imagenet.ImageNetDataModule(root, image_size=16, val_share=0.2, num_workers=0, **a),
        112,
        ("val",),
        False,
    ),
    "shapes": Case(
        lambda root: None,
        lambda root, **a: drawn_shapes.ShapesDataModule(train_size=203, val_size=51, test_size=37, **a),
        291,
    ),
}


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = {}
    for name, case in CASES.items():
        root = tmp_path_factory.mktemp("data")
        case.write(root)
        found[name] = str(root)
    return found


@pytest.fixture(params=CASES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def make(name: str, roots: dict[str, str]) -> Callable[..., object]:
    return lambda **arguments: CASES[name].make(roots[name], **{"batch_size": BATCH, **arguments})


def parts(module) -> dict[str, tuple[list[object], torch.Tensor]]:
    """What tells the images of each part apart, and their labels."""
    if isinstance(module, folder.ImageFolderDataModule):
        return {split: module.files(split) for split in ("train", "val", "test")}
    module.setup("fit")
    module.setup("test")
    return {
        split: ([image.numpy().tobytes() for image in images], labels)
        for split, (images, labels) in module.splits.items()
    }


def loaders(module) -> dict[str, object]:
    module.prepare_data()
    module.setup("fit")
    module.setup("test")
    return {
        "train": module.train_dataloader(),
        "val": module.val_dataloader(),
        "test": module.test_dataloader(),
        "predict": module.predict_dataloader(),
    }


def test_each_name_of_the_registry_is_tested_and_leads_to_its_class():
    assert {name.split()[0] for name in CASES} == set(data.REGISTRY)
    for name, path in data.REGISTRY.items():
        module_name, _, class_name = path.rpartition(".")
        found = getattr(importlib.import_module(module_name), class_name)
        assert getattr(data, class_name) is found, name
        assert {"batch_size", "seed"} <= {
            argument for kind in found.__mro__[:3] for argument in inspect.signature(kind.__init__).parameters
        }


def test_parts_are_disjoint_and_complete(name, make):
    found = {split: set(images) for split, (images, _) in parts(make()).items()}
    assert set(found) == {"train", "val", "test"}
    assert sum(map(len, found.values())) == len(set.union(*found.values())) == CASES[name].num_images


def test_parts_are_seeded(name, make):
    first, same, other = (parts(make(seed=seed)) for seed in (1, 1, 2))
    for split in ("train", "val", "test"):
        assert first[split][0] == same[split][0]
        assert torch.equal(first[split][1], same[split][1])
        is_drawn = split in CASES[name].cut_by_seed or (split == "train" and CASES[name].cut_by_seed)
        if name != "shapes":
            assert (set(first[split][0]) != set(other[split][0])) == bool(is_drawn)


def test_parts_are_stratified(name, make):
    """Each class has its share of the parts that were cut from one another, up to one image."""
    found = {split: labels.bincount(minlength=1000) for split, (_, labels) in parts(make()).items()}
    cut = {"train", *CASES[name].cut_by_seed} if name not in ("digits", "shapes") else set(found)
    of_all = sum(found[split] for split in cut)
    for split in cut:
        expected = found[split].sum() / of_all.sum() * of_all
        assert ((found[split] - expected).abs() <= 1).all(), split


def test_batches(name, make):
    module = make()
    known = parts(module)
    for part, batches in loaders(module).items():
        labels = known["test" if part == "predict" else part][1]
        given = list(batches)
        assert len(given) == len(batches) == -(-len(labels) // BATCH)
        # The last batch is smaller, and it is not dropped.
        assert [len(y) for _, y in given[:-1]] == [BATCH] * (len(given) - 1)
        for images, _ in given:
            assert images.shape[1:] == module.input_shape
            assert images.dtype == torch.float32
            assert images.is_contiguous()
        order = torch.cat([y for _, y in given])
        assert order.dtype == torch.int64
        assert torch.equal(order.sort().values, labels.sort().values)
        is_in_order = torch.equal(order, labels)
        assert is_in_order == (part != "train")
        assert int(labels.max()) < module.num_classes
        again = list(batches)
        is_same = all(torch.equal(a, b) for (a, _), (b, _) in zip(given, again, strict=True))
        assert is_same == (part != "train")


def test_training_batches_follow_the_seed(make):
    first, same, other = (next(iter(loaders(make(seed=seed))["train"])) for seed in (5, 5, 6))
    assert torch.equal(first[0], same[0])
    assert not torch.equal(first[0], other[0])


def test_mean_and_deviation_are_those_of_the_training_part(name, make):
    module = make()
    known = parts(module)["train"][0]
    if isinstance(module, folder.ImageFolderDataModule):
        images = image_files.read_squares(known, 16)
        module.setup("test")
    else:
        images = module.splits["train"][0]
    pixels = (images if images.dim() == 4 else images[:, None]).double() / 255
    if CASES[name].is_measured:
        mean, std = (
            torch.as_tensor(value, dtype=torch.float64).flatten() for value in (module.mean, module.std)
        )
        assert_close(mean, pixels.mean((0, 2, 3)), rtol=1e-9, atol=0)
        assert_close(std, pixels.std((0, 2, 3), correction=0), rtol=1e-9, atol=0)
    given = make(mean=0.25, std=0.5)
    assert (given.mean, given.std) == (0.25, 0.5)
    batches = loaders(given)["test"]
    plain = loaders(make(mean=0.0, std=1.0))["test"]
    for (images, _), (expected, _) in zip(batches, plain, strict=True):
        assert_close(images, (expected - 0.25) / 0.5, rtol=1e-5, atol=1e-5)


def test_a_new_module_touches_no_file(name, tmp_path):
    nowhere = tmp_path / "nowhere"
    module = CASES[name].make(str(nowhere), batch_size=3, seed=1)
    assert (module.batch_size, module.seed) == (3, 1)
    assert not nowhere.exists()
    if name.split()[0] not in ("digits", "shapes"):
        with pytest.raises(data.DataError, match=str(nowhere)):
            module.setup("fit")
        assert not nowhere.exists()


def test_names_of_classes(make):
    module = make()
    names = {lang: module.class_names(lang) for lang in ("ru", "en")}
    for found in names.values():
        assert isinstance(found, tuple)
        assert len(found) == len(set(found)) == module.num_classes
        assert all(isinstance(text, str) and text.strip() == text != "" for text in found)
    with pytest.raises(ValueError, match=r"lang \(='de'\) must be one of 'ru', 'en'"):
        module.class_names("de")


@pytest.mark.parametrize(
    "arguments", [{"batch_size": 0}, {"max_shift_px": -1}, {"flip": "up"}, {"cutout_px": -2}]
)
def test_refuses(make, arguments):
    with pytest.raises(ValueError, match=f"{next(iter(arguments))} \\(="):
        make(**arguments)

"""Folders of image files: which images count, what is read from them, and what is said about bad ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch.testing import assert_close

from hw_cnn import data
from hw_cnn.data import folder, imagenet
from hw_cnn.data.feeding import file_loader
from hw_cnn.data.reading import image_files
from tests.hw_cnn.data import made


def module(root, **arguments: object) -> folder.ImageFolderDataModule:
    return folder.ImageFolderDataModule(str(root), **{"image_size": 16, "num_workers": 0, **arguments})


def test_hidden_files_and_other_files_do_not_count(tmp_path):
    made.write_images(tmp_path / "train", {"a": 20, "b": 20, ".hidden": 3, "__MACOSX": 2})
    (tmp_path / "train/a/Thumbs.db").write_bytes(b"x")
    (tmp_path / "train/a/._000.png").write_bytes(b"x")
    (tmp_path / "train/readme.txt").write_text("x", encoding="utf-8")
    made.write_images(tmp_path / "train/b", {"nested": 5, ".cache": 4})
    parts = module(tmp_path)
    assert parts.class_names() == parts.class_names("ru") == ("a", "b")
    counts = sum(parts.files(split).labels.bincount() for split in ("train", "val", "test"))
    assert counts.tolist() == [20, 25]


def test_labels_agree_where_a_part_lacks_a_class(tmp_path):
    made.write_images(tmp_path / "train", {"ant": 5, "bee": 6, "cat": 7})
    made.write_images(tmp_path / "val", {"cat": 3})
    made.write_images(tmp_path / "test", {"bee": 2, "cat": 1})
    parts = module(tmp_path)
    for split in ("train", "val", "test"):
        paths, labels = parts.files(split)
        assert [parts.class_names()[label] for label in labels] == [path.parent.name for path in paths]
        assert {path.parent.parent.name for path in paths} == {split}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: None, "has no folder train; root must be a folder with train/CLASS/IMAGE files"),
        (lambda root: (root / "train").mkdir(), "train has no class folders; sort its images into"),
        (
            lambda root: (made.write_images(root / "train", {"a": 9}), (root / "train/b").mkdir()),
            "train/b is a class without an image in .*train/b; put images there or delete the folder",
        ),
        (
            lambda root: (
                made.write_images(root / "train", {"a": 9}),
                made.write_images(root / "val", {"c": 1}),
            ),
            "val/c is a class without an image in .*train/c",
        ),
        (
            lambda root: (made.write_images(root / "train", {"a": 9}), (root / "test").mkdir()),
            "test has no class folders",
        ),
        (
            lambda root: (made.write_images(root / "train", {"a": 9}), (root / "test/a").mkdir(parents=True)),
            "gives no image for the part 'test'",
        ),
        (
            lambda root: made.write_images(root / "train", {"a": 2}),
            r"no image for the part 'test'.*val_share \(=0.1\)",
        ),
    ],
)
def test_folders_that_are_not_as_they_should_be(make, message, tmp_path):
    make(tmp_path)
    with pytest.raises(data.DataError, match=message) as caught:
        module(tmp_path).setup("fit")
    assert "\n" not in str(caught.value)


def broken(root) -> str:
    """A truncated JPEG among the training images."""
    made.write_images(root / "train", {"a": 20, "b": 20})
    made.write_images(root / "val", {"a": 3})
    made.write_images(root / "test", {"b": 3})
    path = root / "train/b/004.JPEG"
    path.write_bytes(path.read_bytes()[:300])
    return str(path)


@pytest.mark.parametrize("arguments", [{"in_memory": True}, {"num_workers": 0}, {"num_workers": 1}])
def test_a_broken_image_is_named_in_one_sentence(arguments, tmp_path):
    path = broken(tmp_path)
    parts = module(tmp_path, mean=0.5, std=0.5, **arguments)
    with pytest.raises(
        data.DataError, match=r"cannot read .* as an image .*; replace or delete it"
    ) as caught:
        list(parts.train_dataloader())
    assert path in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_files_that_are_no_images(content, tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(data.DataError, match=r"x\.png as an image"):
        image_files.read_image(path)
    with pytest.raises(data.DataError, match=r"y\.png as an image .*No such file"):
        image_files.read_image(tmp_path / "y.png")


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1", "LA"])
def test_every_kind_of_image_becomes_three_channels(mode, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels).convert(mode)
    path = tmp_path / ("x.tiff" if mode == "CMYK" else "x.png")
    picture.save(path)
    image = image_files.read_image(path)
    assert image.shape == (3, 9, 7)
    assert np.array_equal(image.permute(1, 2, 0).numpy(), np.array(picture.convert("RGB")))


def test_in_memory_images_are_the_central_squares(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    (same,) = image_files.read_squares([tmp_path / "x.png"], 30)
    assert np.array_equal(same.permute(1, 2, 0).numpy(), pixels[:, 5:35])
    (half,) = image_files.read_squares([tmp_path / "x.png"], 15)
    shrunk = np.array(Image.fromarray(pixels).resize((20, 15), Image.Resampling.BILINEAR))
    # 20 columns less 15 leave 2.5 on each side.
    differences = [
        np.abs(half.permute(1, 2, 0).numpy().astype(int) - shrunk[:, x : x + 15]).max() for x in (2, 3)
    ]
    assert min(differences) <= 1


def test_evaluation_crops_the_central_seven_eighths(tmp_path):
    pixels = np.full((64, 64, 3), 255, dtype=np.uint8)
    pixels[4:60, 4:60] = 0
    Image.fromarray(pixels).save(tmp_path / "x.png")
    loader = file_loader.FileLoader([tmp_path / "x.png"], torch.zeros(1), image_size=56, mean=0.0, std=1.0)
    ((batch, _),) = loader
    assert_close(batch, torch.zeros(1, 3, 56, 56))


def files(root, count: int, **arguments: object) -> file_loader.FileLoader:
    paths = sorted((root / "train/a").iterdir())[:count]
    settings = {"image_size": 12, "mean": 0.5, "std": 0.25, "shuffle": True, "seed": 3, **arguments}
    return file_loader.FileLoader(paths, torch.arange(count), 4, **settings)


def test_random_numbers_do_not_depend_on_workers_or_the_place_where_a_training_stopped(tmp_path):
    made.write_images(tmp_path / "train", {"a": 10})
    straight = files(tmp_path, 10)
    expected = [*straight, *straight]
    working = files(tmp_path, 10, num_workers=1)
    before = torch.get_rng_state()
    for (images, labels), (other, other_labels) in zip([*working, *working], expected, strict=True):
        assert torch.equal(images, other)
        assert torch.equal(labels, other_labels)
    stopped, resumed = files(tmp_path, 10), files(tmp_path, 10)
    next(iter(stopped))
    resumed.load_state_dict(stopped.state_dict())
    assert all(torch.equal(a, b) for (a, _), (b, _) in zip([*resumed, *resumed], expected[1:], strict=True))
    # Reading images in this process leaves the network's random numbers alone.
    list(files(tmp_path, 10))
    assert torch.equal(before, torch.get_rng_state())


def test_training_images_are_parts_and_some_are_mirrored(tmp_path):
    picture = np.zeros((20, 20, 3), dtype=np.uint8)
    picture[:, :, 0] = np.arange(20) * 12
    picture[:, :, 1] = np.arange(20)[:, None] * 12
    (tmp_path / "train/a").mkdir(parents=True)
    for number in range(40):
        Image.fromarray(picture).save(tmp_path / f"train/a/{number:02d}.png")
    for is_flipping in (True, False):
        batches = files(tmp_path, 40, mean=0.0, std=1.0, is_flipping=is_flipping)
        images = torch.cat([batch for batch, _ in batches])
        assert len({image.numpy().tobytes() for image in images}) > 30
        # Red grows to the right, green downwards.
        are_mirrored = images[:, 0, :, -1].mean(1) < images[:, 0, :, 0].mean(1)
        assert (images[:, 1, -1].mean(1) > images[:, 1, 0].mean(1)).all()
        assert (5 < int(are_mirrored.sum()) < 35) if is_flipping else not are_mirrored.any()


def test_two_processes_read_each_test_image_once(tmp_path):
    made.write_images(tmp_path / "train", {"a": 11})
    shards = [files(tmp_path, 11, shuffle=False, rank=rank, world_size=2) for rank in (0, 1)]
    assert sorted(label for shard in shards for _, labels in shard for label in labels.tolist()) == list(
        range(11)
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"val_share": 0.5}, r"val_share \(=0.5\)"),
        ({"crop_share": 0}, r"crop_share \(=0\)"),
        ({"cutout_px": 4}, r"cutout_px \(=4\) .* need in_memory=True"),
        ({"flip": "alternating"}, r"flip \(='alternating'\) need in_memory=True"),
        ({"num_workers": -1}, r"num_workers \(=-1\) must be at least 0, or None"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        module("nowhere", **arguments)


@pytest.mark.parametrize(
    ("number", "wnid", "name"),
    [
        (0, "n01440764", "tench"),
        (207, "n02099601", "golden retriever"),
        (281, "n02123045", "tabby"),
        (999, "n15075141", "toilet tissue"),
    ],
)
def test_imagenet_has_its_standard_numbers(number, wnid, name):
    classes = imagenet.load_classes()
    assert list(classes)[number] == wnid
    assert classes[wnid] == name
    assert list(classes) == sorted(classes)
    assert len(classes) == len(set(classes.values())) == 1000


def test_imagenet_names_are_those_of_torchvision():
    from torchvision.models import VGG16_Weights

    assert list(imagenet.load_classes().values()) == VGG16_Weights.IMAGENET1K_V1.meta["categories"]


def test_labels_of_a_few_imagenet_classes(tmp_path):
    made.write_images(tmp_path / "train", {"n02099601": 30, "n15075141": 30})
    made.write_images(tmp_path / "val", {"n02099601": 2, "n15075141": 3})
    parts = imagenet.ImageNetDataModule(str(tmp_path), image_size=16, num_workers=0, val_share=0.1)
    assert parts.files("test").labels.tolist() == [207, 207, 999, 999, 999]
    assert parts.files("val").labels.tolist() == [207] * 3 + [999] * 3
    assert parts.num_classes == 1000
    made.write_images(tmp_path / "train", {"dog": 1})
    with pytest.raises(
        data.DataError, match=r"train/dog is not named by one of the 1,000 identifiers .*image-folder"
    ):
        imagenet.ImageNetDataModule(str(tmp_path)).setup("fit")

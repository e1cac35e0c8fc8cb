"""The leak scan: what is planted is found, and how much a file may have in common with a secret."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import testing
from autograder.course.assignment import Assignment
from autograder.course.edition import edition, read_package
from autograder.course.manifest import Manifest
from autograder.course.symbol import Symbol
from autograder.release.leaks import (
    LONG_LINE,
    LeakError,
    Secrets,
    anchor_finder,
    collect,
    guarded,
    scan,
    secrets_of,
)
from tests.autograder.release.support import ROOT, SEMINAR, two_tasks

TELLING = [f"assert student.answer({number}) == {number} + offset" for number in range(9)]
"""Lines of a hidden test or a planted bug; each alone could be anybody's."""
LONG = "assert student.answer(first, second, third) == expected_of_the_three[first]"


def secret_lines(kind: str, *lines: str) -> Secrets:
    return Secrets(**{f"{kind}_lines": dict.fromkeys(lines, f"{kind}_f1.py")})


def file_with(*lines: str) -> bytes:
    return "\n".join(["import torch", *(f"    {line}" for line in lines), ""]).encode()


@pytest.mark.parametrize(
    ("kind", "said"), [("test", "hidden test_f1.py"), ("wrong", "planted bug wrong_f1.py")]
)
@pytest.mark.parametrize("name", ["hw_cnn/one.py", "public/test_one.py", "autograder/one.py", "README.md"])
def test_three_lines_in_common_are_a_leak_and_two_are_not(kind: str, said: str, name: str) -> None:
    secrets = secret_lines(kind, *TELLING)
    scan({name: file_with(*TELLING[:2])}, secrets)
    scan({name: file_with(TELLING[0], TELLING[0], TELLING[0])}, secrets)
    with pytest.raises(LeakError, match=said) as caught:
        scan({name: file_with(*TELLING[4:7])}, secrets)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "is_leak"),
    [
        ("hw_cnn/one.py", True),
        ("small.ipynb.txt", True),
        ("public/test_one.py", False),
        ("autograder/one.py", False),
    ],
)
def test_one_long_line_of_a_hidden_test_is_a_leak_but_in_tests_and_the_grader(
    name: str, is_leak: bool
) -> None:
    """Public tests are of the same hand as hidden ones: a line in common is chance, three are not."""
    secrets = secret_lines("test", LONG)
    assert len(LONG) >= LONG_LINE > len(TELLING[0])
    if is_leak:
        with pytest.raises(LeakError, match=r"hidden test_f1\.py"):
            scan({name: file_with(LONG)}, secrets)
    else:
        scan({name: file_with(LONG)}, secrets)


def test_one_line_of_the_solution_is_a_leak_also_in_the_middle_of_another() -> None:
    secrets = secret_lines("body", TELLING[0])
    with pytest.raises(LeakError, match=r"a line of the solution in body_f1\.py"):
        scan({"README.md": f"as in `{TELLING[0]}`, so".encode()}, secrets)
    scan({"README.md": TELLING[1].encode()}, secrets)


@pytest.fixture(scope="session")
def secrets(seminar: Assignment) -> Secrets:
    return secrets_of(seminar)


def test_a_clean_bundle_passes_the_scan(files: dict[str, bytes], secrets: Secrets) -> None:
    scan(files, secrets)
    assert secrets.body_lines
    assert secrets.helper_names
    assert secrets.test_lines
    assert len(secrets.images) == 2000


def test_lines_of_the_library_of_tests_are_no_secret(tmp_path: Path) -> None:
    """A hidden test may hold what every bundle holds; its own lines stay secret."""
    library = Path(testing.__file__).read_text(encoding="utf-8")
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "test_f1.py").write_text(f"{library}\n{file_with(LONG).decode()}")
    assert set(collect(tmp_path, {}, {}, ()).test_lines) == {LONG}


def in_notebook(text: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """Plant text in a cell of the notebook."""

    def plant(files: dict[str, bytes]) -> dict[str, bytes]:
        notebook = json.loads(files["seminar_cnn.ipynb"])
        notebook["cells"][3]["source"] = [line + "\n" for line in text.split("\n")]
        return {"seminar_cnn.ipynb": json.dumps(notebook).encode()}

    return plant


def in_file(name: str, read: Callable[[], bytes]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """Append what `read` gives to a file of the bundle, or add the file."""
    return lambda files: {name: files.get(name, b"") + b"\n" + read()}


def hidden_npz() -> bytes:
    """Three hidden images in another archive, among others."""
    with np.load(SEMINAR / "hidden" / "digits.npz") as arrays:
        images = np.concatenate([np.zeros((5, 28, 28), np.uint8), arrays["images"][7:10]])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=images)
    return buffer.getvalue()


def hidden_raw() -> bytes:
    """One hidden image as plain bytes, at an odd offset."""
    with np.load(SEMINAR / "hidden" / "digits.npz") as arrays:
        return b"abc" + arrays["images"][1234].tobytes()


def zipped(read: Callable[[], bytes]) -> bytes:
    """A zip that holds the bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.bin", read())
    return buffer.getvalue()


ANCHORS = [b"\x01\x02\x03\x04\x05\x06\x07\x08", b"\x01\x02\x03\x04\x05\x06\x07\x09", b"\xff" * 8]
BODY_LINE = 'out = out + torch.einsum("nchw,oc->nohw", seen, weight[:, :, i, j])'
PLANTS = {
    "body line in the package": (
        in_file("hw_cnn/layers/convolution.py", lambda: f"    # {BODY_LINE}".encode()),
        "line of the solution",
    ),
    "body line in the notebook": (in_notebook(f"x = 1\n{BODY_LINE}"), "line of the solution"),
    "body line in the README": (in_file("README.md", lambda: BODY_LINE.encode()), "line of the solution"),
    "body line in the grader": (
        in_file("autograder/testing.py", lambda: BODY_LINE.encode()),
        "line of the solution",
    ),
    "whole reference module": (
        in_file("hw_cnn/old.py", lambda: (ROOT / "hw_cnn/training.py").read_bytes()),
        "line of the solution",
    ),
    "reference helper": (
        in_file("hw_cnn/shapes.py", lambda: b"# see _check_shapes"),
        "helper of the reference",
    ),
    "hidden test": (
        in_file("public/test_more.py", lambda: (SEMINAR / "hidden/test_f1.py").read_bytes()),
        "hidden test_f1.py",
    ),
    "hidden test in the notebook": (
        in_notebook((SEMINAR / "hidden/test_g1.py").read_text()),
        "hidden test_g1.py",
    ),
    "hidden folder": (in_file("hidden/notes.txt", lambda: b"x"), "must not be in the bundle"),
    "manifest": (in_file("assignment.toml", lambda: b"x"), "must not be in the bundle"),
    "wrong folder": (in_file("wrong/f1_flipped.py", lambda: b"x"), "must not be in the bundle"),
    "planted bugs": (
        in_file(
            "hw_cnn/bugs.py",
            lambda: b"\n".join(p.read_bytes() for p in sorted((SEMINAR / "wrong").glob("f1_*.py"))),
        ),
        "planted bug|line of the solution",
    ),
    "hidden images in an npz": (in_file("hw_cnn/data/more.npz", hidden_npz), "hidden image"),
    "hidden image raw": (in_file("public/digit.bin", hidden_raw), "hidden image"),
    "hidden image in a zip in a zip": (
        in_file("public/x.bin", lambda: zipped(lambda: zipped(hidden_raw))),
        "hidden image",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted_leaks_are_found(files: dict[str, bytes], secrets: Secrets, name: str) -> None:
    plant, words = PLANTS[name]
    planted = plant(files)
    with pytest.raises(LeakError, match=words) as caught:
        scan({**files, **planted}, secrets)
    assert next(iter(planted)) in str(caught.value)


@given(parts=st.lists(st.binary(max_size=12) | st.sampled_from(ANCHORS), max_size=6))
def test_the_first_look_at_bytes_misses_nothing(parts: list[bytes]) -> None:
    blob = b"".join(parts)
    assert anchor_finder(set(ANCHORS))(blob) == {anchor for anchor in ANCHORS if anchor in blob}


# An edition that forgot a task.


def of(manifest: Manifest, *neighbours: Manifest) -> Assignment:
    return Assignment(SEMINAR, manifest, neighbours)


def forgetful(*manifests: Manifest) -> tuple[dict[str, bytes], Secrets]:
    """Only these are emptied, by mistake; the package's other tasks are guarded."""
    files = edition(manifests, "seminar_cnn", ROOT)
    return files, collect(SEMINAR, read_package(ROOT), files, guarded(of(*manifests)))


def test_a_body_that_the_edition_forgot_is_found_by_its_lines() -> None:
    files, secrets = forgetful(two_tasks())
    assert BODY_LINE in secrets.body_lines
    with pytest.raises(LeakError, match="holds a line of the solution in hw_cnn/"):
        scan(files, secrets)


@pytest.mark.parametrize(
    "symbol", [one for one in guarded(of(two_tasks())) if one not in two_tasks().tasks[0].symbols], ids=str
)
def test_a_body_that_the_edition_forgot_is_found_by_its_shape(symbol: Symbol) -> None:
    """Also where no line of it is long enough to be known again."""
    with pytest.raises(LeakError, match=f"holds the body of .*{symbol.name}"):
        scan({symbol.file: read_package(ROOT)[symbol.file]}, Secrets(guarded=(symbol,)))


def test_what_is_provided_is_not_guarded_but_the_own_task() -> None:
    chosen = two_tasks().model_copy(update={"name": "later", "provides": ("seminar_cnn",)})
    names = {str(symbol) for symbol in guarded(of(chosen))}
    assert "hw_cnn.metrics:topk_error" in names
    assert "hw_cnn.classifier:Classifier.training_step" in names
    assert "hw_cnn.models.lenet5:LeNet5" in names
    assert "hw_cnn.layers.convolution:conv2d" not in names

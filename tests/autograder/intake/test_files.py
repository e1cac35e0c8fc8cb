"""Which files of a folder count: notebooks by whatever name, checkpoints, and the time stamp of nbgrader."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.intake.files import wanted
from autograder.intake.uploads.collecting import Interest
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake.support import take
from tests.autograder.intake_support import STUB, cell, chosen, hand_in, kinds, notebook, peak_mb, read


@pytest.mark.parametrize("name", ["small (1).ipynb", "small_ivanov.ipynb", "anything.ipynb", "SMALL.ipynb"])
def test_renamed_notebooks(tmp_path: Path, name: str) -> None:
    found = read(hand_in(tmp_path, {name: notebook(cell("def conv(x): return 1", "F1"))}))
    assert kinds(found)["F1"] == "cell"
    assert name in found.notes[0].en


def made(value: object) -> bytes:
    return notebook(cell(f"def conv(x): return {value!r}", "F1"))


def hand_in_at(folder: Path, files: dict[str, tuple[bytes, int]]) -> Path:
    """Files with the second in which each was changed."""
    hand_in(folder, {name: data for name, (data, _) in files.items()})
    for name, (_, second) in files.items():
        os.utime(folder / name, (second, second))
    return folder


def test_of_files_as_full_the_later_one_counts(tmp_path: Path) -> None:
    files = {"small.ipynb": (made(1), 100), "old/small.ipynb": (made(2), 102), "b.ipynb": (made(3), 99)}
    found = chosen(hand_in_at(tmp_path, files))
    assert (found.notebook, found.folder, found.staff_notes) == ("old/small.ipynb", "old", [])
    assert found.notes[0].en == (
        "another file has as many tasks written (small.ipynb, b.ipynb); graded file: old/small.ipynb; "
        "leave the other out"
    )


@pytest.mark.parametrize(
    ("names", "picked", "how"),
    [
        (["b.ipynb", "small.ipynb", "small (2).ipynb"], "small.ipynb", "by its name alone"),
        (
            ["small (1).ipynb", "small (10).ipynb", "small (9).ipynb", "zzz.ipynb"],
            "small (10).ipynb",
            "by its name alone",
        ),
        (["d/small.ipynb", "small.ipynb"], "small.ipynb", "by its name alone"),
        (["b.ipynb", "c.ipynb"], "c.ipynb", "by the order of names"),
    ],
)
def test_of_files_of_the_same_time_the_name_decides_and_staff_are_told(
    tmp_path: Path, names: list[str], picked: str, how: str
) -> None:
    """Seconds apart they were written by the same program: an archive keeps every second one."""
    files = {name: (made(name), 100 + place % 2) for place, name in enumerate(names)}
    found = chosen(hand_in_at(tmp_path, files))
    assert found.notebook == picked
    assert found.staff_notes[0].en.startswith(f"{picked} was chosen {how}: ")


@pytest.mark.parametrize("more", [[], [cell("class Net:\n    def fit(self): return 1")]])
def test_tasks_that_stand_only_in_another_file_are_named(
    tmp_path: Path, more: list[dict[str, object]]
) -> None:
    files = {
        "small.ipynb": notebook(cell("def conv(x): return 1", "F1"), *more),
        "b.ipynb": notebook(cell("def pool(x): return 1", "G1")),
    }
    found = chosen(hand_in(tmp_path, files))
    assert [note.en for note in found.notes] == [
        "graded file: small.ipynb; all tasks belong into one file: b.ipynb holds G1 that small.ipynb lacks"
    ]


def test_where_nothing_is_written_the_name_decides(tmp_path: Path) -> None:
    empty = notebook(cell(STUB.format("conv", "F1"), "F1"))
    found = chosen(hand_in_at(tmp_path, {"small.ipynb": (empty, 1), "b.ipynb": (notebook("1"), 9)}))
    assert (found.notebook, found.staff_notes) == ("small.ipynb", [])
    assert found.notes[0].en == (
        "graded file: small.ipynb; neither there nor in the others (b.ipynb) is a solution found"
    )


@pytest.mark.parametrize(
    "source",
    ["def conv(x):\n    return (x", "%%bash\necho 1", cell("def conv(x): return 1", "F1", cell_type="raw")],
)
def test_a_copy_whose_only_solution_is_broken_is_no_untouched_original(tmp_path: Path, source: Any) -> None:
    broken = notebook(source if isinstance(source, dict) else cell(source, "F1"))
    empty = notebook(cell(STUB.format("conv", "F1"), "F1"))
    found = chosen(hand_in_at(tmp_path, {"Copy of small.ipynb": (broken, 1), "small.ipynb": (empty, 9)}))
    assert found.notebook == "Copy of small.ipynb"


def test_a_notebook_that_includes_the_tasks_is_as_full_as_they_are(tmp_path: Path) -> None:
    files = {
        "small.ipynb": notebook("%run tasks.ipynb", cell("def pool(x): return 1", "G1")),
        "tasks.ipynb": notebook(cell("def conv(x): return 1", "F1")),
    }
    assert chosen(hand_in(tmp_path, files)).notebook == "small.ipynb"


@pytest.mark.parametrize(
    ("files", "solution", "folder"),
    [
        ({"small.ipynb": made(1), "utils.py": b"def pool(x): return 1"}, None, ""),
        ({"small.ipynb": made(1), "solution.py": b"def pool(x): return 1"}, "solution.py", ""),
        ({"small.ipynb": made(1), "small.py": b"def pool(x): return 1"}, "small.py", ""),
        ({"small.ipynb": notebook("1"), "d/work.py": b"def pool(x): return 1"}, "d/work.py", "d"),
        ({"small.ipynb": notebook("1"), "work.py": b"x = 1"}, None, ""),
        ({"solution.py": b"x = 1", "work.py": b"def pool(x): return 1"}, "work.py", ""),
        ({"d/work.py": b"def x(:"}, "work.py", ""),
        ({"hw_cnn/one.py": b"def conv(x): return 1", "setup.py": b"", "main.py": b""}, None, ""),
    ],
)
def test_which_script_counts(
    tmp_path: Path, files: dict[str, bytes], solution: str | None, folder: str
) -> None:
    found = chosen(hand_in(tmp_path, files))
    assert (found.solution, found.folder) == (solution, folder)


@pytest.mark.parametrize("source", [STUB.format("conv", "F1"), "def conv(x): return 1"])
def test_an_archive_beside_an_untouched_notebook_is_named(tmp_path: Path, source: str) -> None:
    files = {"small.ipynb": notebook(cell(source, "F1")), "small_cnn.zip": b"PK"}
    notes = [note.en for note in chosen(hand_in(tmp_path, files)).notes]
    unread = (
        "no solution was found, and the archive beside was not read (small_cnn.zip): "
        "hand in either, the files or the archive"
    )
    assert notes == ([unread] if "task F1" in source else [])


def test_own_files_can_be_asked_for_and_what_counts_is_used(tmp_path: Path) -> None:
    files = {
        "hw/small.ipynb": made(1),
        "hw/solution.py": b"y = 1",
        "hw/small.py": b"x = 1",
        "hw/hw_cnn/one.py": b"def conv(x): return 1",
        "hw/model.ckpt": b"w",
        "hw/other.ipynb": notebook("1"),
        "hw/timestamp.txt": b"2025-02-02 15:58:23",
        "src/pairs.py": b"",
        "old.zip": b"",
    }
    found = chosen(hand_in(tmp_path, files))
    assert sorted(found.own) == ["hw/other.ipynb", "hw/small.py", "src/pairs.py"]
    used = ["hw/hw_cnn/one.py", "hw/model.ckpt", "hw/small.ipynb", "hw/solution.py"]
    assert sorted(found.used) == sorted([*found.own, *used])
    assert found.used["hw/small.ipynb"] == files["hw/small.ipynb"]
    assert found.submitted_at is not None


def test_a_notebook_may_import_a_script_of_another_name(tmp_path: Path) -> None:
    files = {"small.ipynb": made(1), "small.py": b"def pool(x): return 1"}
    found = chosen(hand_in(tmp_path, files))
    assert (found.solution, list(found.own)) == ("small.py", ["small.py"])


@pytest.mark.parametrize(
    ("path", "interest"),
    [
        ("small.ipynb", Interest.ALWAYS),
        ("d/e/utils.py", Interest.ALWAYS),
        ("hw_cnn/one.py", Interest.ALWAYS),
        ("d/model.ckpt", Interest.ALWAYS),
        ("timestamp.txt", Interest.ALWAYS),
        ("config.json", Interest.DATA),
        ("d/mean.npy", Interest.DATA),
        ("work.zip", Interest.ARCHIVE),
        ("d/work.tar.gz", Interest.ARCHIVE),
        ("d/e/work.zip", Interest.NONE),
        ("autograder/cli.py", Interest.NONE),
        ("d/autograder/cli.py", Interest.NONE),
        ("hw_cnn/digits.npz", Interest.NONE),
        (".github/a.py", Interest.NONE),
        (".env", Interest.NONE),
        ("a.so", Interest.NONE),
        ("A.PYD", Interest.NONE),
        ("evil.pth", Interest.NONE),
        ("last.ckpt", Interest.NONE),
        ("Model.CKPT", Interest.NONE),
        ("README.md", Interest.NONE),
    ],
)
def test_what_is_wanted(path: str, interest: Interest) -> None:
    assert wanted(path) is interest


def test_checkpoints_of_nested_folders(tmp_path: Path) -> None:
    files = {"hw/small.ipynb": made(1), "hw/model.ckpt": b"near", "model.ckpt": b"far", "a/model.ckpt": b"x"}
    assert chosen(hand_in(tmp_path / "a", files)).checkpoint == b"near"
    files = {"hw/small.ipynb": made(1), "runs/model.ckpt": b"far", "runs/model.safetensors": b"better"}
    assert chosen(hand_in(tmp_path / "b", files)).checkpoint == b"better"


def test_nothing_to_grade(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="nothing to grade"):
        read(hand_in(tmp_path, {"essay.docx": b"x"}))


def test_checkpoints(tmp_path: Path) -> None:
    found = read(hand_in(tmp_path, {"model.ckpt": b"c"}))
    assert (found.checkpoint, found.checkpoint_name) == (b"c", "model.ckpt")
    found = read(hand_in(tmp_path, {"model.safetensors": b"s"}))
    assert (found.checkpoint, found.checkpoint_name) == (b"s", "model.safetensors")


def test_nbgrader_time_stamp(tmp_path: Path) -> None:
    files = {
        "solution.py": "def conv(x): return 1",
        "timestamp.txt": "2025-02-02 15:58:23.948203 Europe/Moscow",
    }
    assert read(hand_in(tmp_path, files)).submitted_at == datetime(2025, 2, 2, 12, 58, 23, 948203, tzinfo=UTC)
    assert read(hand_in(tmp_path, {"timestamp.txt": "yesterday"})).submitted_at is None


@given(
    st.datetimes(),
    st.sampled_from(["", "Asia/Tokyo", "America/New_York", "Europe", "../x", "\0"]) | st.text(),
)
@example(datetime.min, "Asia/Tokyo")
@example(datetime.max, "America/New_York")
def test_any_time_stamp_is_read_or_left_out(moment: Any, zone: str) -> None:
    found = take(py=b"x = 1", stamp=f"{moment} {zone}".encode(errors="replace"))
    assert found is not None


def test_a_time_stamp_is_short() -> None:
    stamp = b"a " * 5_000_000
    assert peak_mb(lambda: take(py=b"x = 1", stamp=stamp)) < 5

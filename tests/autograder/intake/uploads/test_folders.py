"""Folders and single files: nothing is followed, and what is checked is what is read."""

from __future__ import annotations

import os
import socket
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.intake.uploads import folders
from autograder.intake.uploads.collecting import Interest
from autograder.intake.uploads.refusals import MAX_ENTRIES
from autograder.intake.uploads.rejection import Rejected
from autograder.intake.uploads.taking import take
from tests.autograder.intake_support import everything, hand_in, one_sentence, peak_mb


def refused(path: Path, upload_mb: int = 1) -> str:
    with pytest.raises(Rejected) as caught:
        take(path, everything, upload_mb)
    return one_sentence(caught.value).en


def test_folders(tmp_path: Path) -> None:
    (tmp_path / "top" / "hw_cnn").mkdir(parents=True)
    (tmp_path / "top" / "hw_cnn" / "one.py").write_bytes(b"1")
    (tmp_path / "top" / unicodedata.normalize("NFD", "мой.py")).write_bytes(b"2")
    expected = {"hw_cnn/one.py": b"1", unicodedata.normalize("NFC", "мой.py"): b"2"}
    assert take(tmp_path, everything, 1) == expected


def test_honest_oddities_of_folders(tmp_path: Path) -> None:
    files = {"solution.py": b"1", ".DS_Store": b"x", "__MACOSX/._solution.py": b"x", "d/deeper/a.py": b"2"}
    hand_in(tmp_path, files)
    (tmp_path / "empty").mkdir()
    (tmp_path / ".venv").symlink_to("/usr")  # litter is not even looked at
    for path in (tmp_path / "solution.py", tmp_path / "d"):
        path.chmod(0o555)
    assert take(tmp_path, everything, 1) == {"solution.py": b"1", "d/deeper/a.py": b"2"}


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.fspath(path))


def make_device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device needs root")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "is a link"),
        (lambda path: path.symlink_to("nowhere"), "is a link"),
        (lambda path: path.symlink_to("/etc"), "is a link"),
        (os.mkfifo, "not an ordinary file"),
        (make_socket, "not an ordinary file"),
        (make_device, "not an ordinary file"),
    ],
)
@pytest.mark.parametrize("place", ["solution.py", "d/picture.png", "work.zip"])
def test_what_is_no_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object], said: str, place: str
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may have 107 bytes only
    path = Path("s") / place
    path.parent.mkdir(parents=True)
    make(path)
    assert said in refused(Path("s"))
    assert said in refused(path)


@pytest.mark.parametrize("name", ["solution.py", "picture.png"])
def test_hard_links(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "s").mkdir()
    os.link(tmp_path / "secret", tmp_path / "s" / name)
    assert "a hard link" in refused(tmp_path / "s")


def test_a_linked_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "student").symlink_to(tmp_path / "real")
    assert "a link" in refused(tmp_path / "student")


def test_a_folder_that_becomes_a_link_is_not_followed(tmp_path: Path) -> None:
    """Above the submission too: `base` is the last folder that may be a link."""
    hand_in(tmp_path, {"secret/small/solution.py": b"1", "class/a.py": b""})
    (tmp_path / "class" / "anna").symlink_to(tmp_path / "secret")
    (tmp_path / "latest").symlink_to(tmp_path / "class")
    with pytest.raises(Rejected, match="a link"):
        take(tmp_path / "class" / "anna" / "small", everything, 1, tmp_path / "class")
    found = take(tmp_path / "latest" / "a.py", everything, 1, tmp_path / "latest")
    assert found == {"a.py": b""}


@pytest.mark.parametrize(
    ("place", "put", "said"),
    [
        ("s/d/a.py", lambda path, secret: path.symlink_to(secret / "a.py"), "is a link"),
        ("s/d/a.py", lambda path, secret: os.link(secret / "a.py", path), "a hard link"),
        ("s/d/a.py", lambda path, secret: os.mkfifo(path), "not an ordinary file"),
        ("s/d/a.py", lambda path, secret: path.mkdir(), "not an ordinary file"),
        ("s/d", lambda path, secret: path.symlink_to(secret), "is a link"),
        ("s", lambda path, secret: path.symlink_to(secret), "is a link"),
    ],
)
def test_a_swap_between_check_and_opening_gains_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    put: Callable[[Path, Path], object],
    said: str,
) -> None:
    """The swap happens at the worst moment: after the last look by name, just before the name is opened."""
    hand_in(tmp_path, {"secret/a.py": b"secret", "s/d/a.py": b"own"})
    really_open = os.open

    def swap_then_open(name: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        victim = tmp_path / place
        if name == victim.name and not (tmp_path / "moved").exists():
            victim.rename(tmp_path / "moved")
            put(victim, tmp_path / "secret")
        return really_open(name, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", swap_then_open)
    assert said in refused(tmp_path / "s")
    assert (tmp_path / "moved").exists()


def test_too_many_files_in_a_folder(tmp_path: Path) -> None:
    for number in range(MAX_ENTRIES + 1):
        (tmp_path / str(number)).touch()
    assert str(MAX_ENTRIES) in refused(tmp_path)


def test_too_many_empty_folders(tmp_path: Path) -> None:
    for number in range(MAX_ENTRIES + 1):
        (tmp_path / str(number)).mkdir()
    assert str(MAX_ENTRIES) in refused(tmp_path)


def test_folders_nested_deeper_than_a_path_can_be(tmp_path: Path) -> None:
    made: list[int] = [os.open(tmp_path, os.O_RDONLY)]
    for _ in range(200):  # 200 * 100 bytes: longer than PATH_MAX
        os.mkdir("d" * 100, dir_fd=made[-1])
        made.append(os.open("d" * 100, os.O_RDONLY, dir_fd=made[-1]))
    try:
        assert "too long" in refused(tmp_path) or "nested" in refused(tmp_path)
    finally:
        for handle in reversed(made[:-1]):
            os.rmdir("d" * 100, dir_fd=handle)
        for handle in made:
            os.close(handle)


@pytest.mark.parametrize("last", ["a.py", "an empty folder"])
def test_a_folder_is_read_down_to_the_32nd_floor(tmp_path: Path, last: str) -> None:
    def nest(floors: int) -> Path:
        top = tmp_path / str(floors)
        deepest = top.joinpath(*["d"] * (floors - 1), last)
        deepest.parent.mkdir(parents=True)
        deepest.write_bytes(b"1") if last == "a.py" else deepest.mkdir()
        (top / "b.py").write_bytes(b"2")  # so that no folder is only a wrapper
        return top

    expected = {"b.py": b"2", "d/" * 31 + "a.py": b"1"}
    found = take(nest(32), everything, 1)
    assert found == {path: data for path, data in expected.items() if last == "a.py" or path == "b.py"}
    assert "nested more than 32 deep" in refused(nest(33))


@pytest.mark.parametrize("name", ["a\nb.py", "a\\b.py", "a\x1b[2J.py", "\udcff.py", "a\u202eyp.exe"])
def test_hostile_names_in_folders(tmp_path: Path, name: str) -> None:
    hand_in(tmp_path, {name: b""})
    assert "the file name" in refused(tmp_path)


def test_collisions_in_folders(tmp_path: Path) -> None:
    hand_in(tmp_path / "case", {"a.py": b"", "A.py": b""})
    assert "differ only in case" in refused(tmp_path / "case")
    hand_in(tmp_path / "form", {unicodedata.normalize(form, "й.py"): b"" for form in ("NFC", "NFD")})
    assert "Unicode spelling" in refused(tmp_path / "form")


def test_sizes(tmp_path: Path) -> None:
    with (tmp_path / "model.ckpt").open("wb") as file:
        file.truncate(10**12)  # a file of holes: a terabyte on no disk
    assert peak_mb(lambda: refused(tmp_path)) < 1
    assert "'model.ckpt' is larger than 1 MB" in refused(tmp_path)
    assert "'model.ckpt' is larger than 1 MB" in refused(tmp_path / "model.ckpt")
    hand_in(tmp_path / "sum", {"a.py": bytes(600_000), "b.py": bytes(600_000)})
    assert "the submission is larger than 1 MB" in refused(tmp_path / "sum")
    assert take(tmp_path / "sum", lambda path: Interest(path == "a.py"), 1) == {"a.py": bytes(600_000)}


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    """/proc says that its files are empty, and then gives bytes: a file that has grown since `fstat`."""
    if not Path("/proc/version").exists():
        pytest.skip("no /proc")
    with pytest.raises(Rejected, match="changed while it was read"):
        folders.read_file(Path("/proc/version"), Path("/proc"), 1)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    hand_in(tmp_path / "good", {"a/b/c.py": b"1", "d.py": b"2"})
    hand_in(tmp_path / "bad", {"a/b/c.py": b"1"})
    (tmp_path / "bad" / "a" / "b" / "link").symlink_to("/etc")
    before = len(list(Path("/dev/fd").iterdir()))
    take(tmp_path / "good", everything, 1)
    refused(tmp_path / "bad")
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_the_time_of_a_file(tmp_path: Path) -> None:
    hand_in(tmp_path, {"d/a.py": b"1"})
    os.utime(tmp_path / "d" / "a.py", (5, 1_740_832_210))
    assert take(tmp_path, everything, 1).times == {"a.py": 1_740_832_210.0}
    assert take(tmp_path / "d" / "a.py", everything, 1).times == {"a.py": 1_740_832_210.0}


def test_of_data_what_lies_near_the_top_is_read_first(tmp_path: Path) -> None:
    hand_in(tmp_path, {**{f"data/{number}.png": b"" for number in range(250)}, "zoom.json": b"{}"})
    found = take(tmp_path, lambda path: Interest.DATA, 1)
    assert "zoom.json" in found
    assert (len(found), len(found.left_aside)) == (200, 51)

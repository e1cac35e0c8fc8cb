"""Hostile uploads are refused with one sentence each; honest oddities pass."""

from __future__ import annotations

import os
import stat
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from autograder.archive import MAX_ENTRIES, Rejected, digest, take, take_zip
from autograder.spec import Text

CP866, UTF8_FLAG = "cp866", 0x800


def everything(path: str) -> bool:
    """Read all files."""
    del path
    return True


def packed(*members: tuple[str, bytes] | tuple[zipfile.ZipInfo, bytes]) -> bytes:
    """A zip with these members, in order."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def special(name: str, mode: int) -> zipfile.ZipInfo:
    """A member made on Unix with this file type."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (mode | 0o644) << 16
    return info


def raw_name(name: bytes, utf8: bool = False) -> bytes:
    """A zip whose only member has exactly these bytes as its name."""
    stand_in = "n" * len(name)
    data = bytearray(packed((stand_in, b"text")).replace(stand_in.encode(), name))
    if utf8:
        data[6:8] = (int.from_bytes(data[6:8], "little") | UTF8_FLAG).to_bytes(2, "little")
        central = data.index(b"PK\x01\x02") + 8
        flags = int.from_bytes(data[central : central + 2], "little") | UTF8_FLAG
        data[central : central + 2] = flags.to_bytes(2, "little")
    return bytes(data)


def refused(data: bytes) -> Text:
    """The sentence for a zip that must be refused."""
    with pytest.raises(Rejected) as caught:
        take_zip(data, "work.zip", everything, 1)
    assert "\n" not in caught.value.text.ru
    assert caught.value.text.ru != caught.value.text.en
    return caught.value.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../x.py", "leaves the archive"),
        ("a/../../x.py", "leaves the archive"),
        ("/etc/passwd", "absolute"),
        ("C:/x.py", "absolute"),
        ("a\\b.py", "backslash"),
        ("a\nb.py", "control character"),
        ("a\x07b.py", "control character"),
        ("a\u202ey.py", "control character"),
        ("\u2028.py", "control character"),
    ],
)
def test_hostile_names(name: str, words: str) -> None:
    assert words in refused(raw_name(name.encode(), utf8=True)).en


def test_a_nul_byte_does_not_hide_the_end_of_a_name() -> None:
    assert "control character" in refused(raw_name(b"solution.py\x00.png")).en


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_duplicates() -> None:
    assert "appears twice" in refused(packed(("a.py", b"1"), ("a.py", b"2"))).en


def test_case_collisions() -> None:
    assert "also as" in refused(packed(("a.py", b"1"), ("A.py", b"2"))).en
    assert "differ only in case" in refused(packed(("d/a.py", b"1"), ("D/b.py", b"2"))).en


def test_equal_after_unicode_normalisation() -> None:
    composed, decomposed = unicodedata.normalize("NFC", "й.py"), unicodedata.normalize("NFD", "й.py")
    assert "appears twice" in refused(packed((composed, b"1"), (decomposed, b"2"))).en


def test_a_file_as_a_folder() -> None:
    assert "both a file and a folder" in refused(packed(("a", b"1"), ("a/b.py", b"2"))).en


@pytest.mark.parametrize(
    ("mode", "words"),
    [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "ordinary file"), (stat.S_IFCHR, "ordinary file"),
     (stat.S_IFBLK, "ordinary file"), (stat.S_IFSOCK, "ordinary file")],
)  # fmt: skip
def test_special_members(mode: int, words: str) -> None:
    assert words in refused(packed((special("model.ckpt", mode), b"/etc/passwd"))).en


def test_too_many_members() -> None:
    data = packed(*((f"{number}.py", b"") for number in range(MAX_ENTRIES + 1)))
    assert str(MAX_ENTRIES) in refused(data).en


def test_a_bomb_is_stopped() -> None:
    assert "larger than 1 MB" in refused(packed(("a.py", b"0" * 2_000_000))).en
    assert "larger than 1 MB" in refused(packed(("data.bin", b"0" * 20_000_000))).en


def test_a_bomb_that_lies_about_its_size_is_stopped() -> None:
    data = bytearray(packed(("a.py", b"0" * 5_000_000)))
    central = data.index(b"PK\x01\x02") + 24
    for place in (22, central):
        data[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Rejected):
        take_zip(bytes(data), "work.zip", everything, 1)


def test_the_sum_of_files_is_limited() -> None:
    data = packed(*((f"{number}.py", os.urandom(400_000)) for number in range(3)))
    assert "larger than 1 MB" in refused(data).en


def test_an_encrypted_zip() -> None:
    data = bytearray(packed(("a.py", b"text")))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(bytes(data)).en


@pytest.mark.parametrize("data", [b"", b"no zip", packed(("a.py", b"text"))[:-30], b"Rar!\x1a\x07"])
def test_an_unreadable_zip(data: bytes) -> None:
    assert "does not open" in refused(data).en


def test_damaged_contents() -> None:
    data = bytearray(packed(("a.py", os.urandom(500))))
    data[200] ^= 255
    assert "does not open" in refused(bytes(data)).en


@pytest.mark.parametrize("name", ["work.rar", "work.7z", "work.tar.gz", "work.RAR"])
def test_other_archives_have_their_own_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"Rar!")
    with pytest.raises(Rejected, match=r"archives are not accepted"):
        take(tmp_path / name, everything, 1)


def test_honest_oddities() -> None:
    data = packed(
        ("Иванов/", b""),
        ("Иванов/small.ipynb", b"1"),
        ("Иванов/hw_cnn/one.py", b"2"),
        ("Иванов/.DS_Store", b"x"),
        ("Иванов/.ipynb_checkpoints/small-checkpoint.ipynb", b"x"),
        ("__MACOSX/Иванов/._small.ipynb", b"x"),
        ("Иванов/hw_cnn/__pycache__/one.pyc", b"x"),
    )
    assert take_zip(data, "work.zip", everything, 1) == {"small.ipynb": b"1", "hw_cnn/one.py": b"2"}


def test_the_package_folder_is_no_wrapper() -> None:
    assert take_zip(packed(("hw_cnn/one.py", b"2")), "w.zip", everything, 1) == {"hw_cnn/one.py": b"2"}


def test_russian_names_of_windows_zips() -> None:
    assert take_zip(raw_name("Работа.py".encode(CP866)), "w.zip", everything, 1) == {"Работа.py": b"text"}
    assert take_zip(raw_name("Работа.py".encode()), "w.zip", everything, 1) == {"Работа.py": b"text"}


def test_unwanted_files_are_not_unpacked() -> None:
    data = packed(("small.ipynb", b"1"), ("photo.jpg", os.urandom(3_000_000)))
    assert take_zip(data, "w.zip", lambda path: path.endswith(".ipynb"), 1) == {"small.ipynb": b"1"}


def test_folders(tmp_path: Path) -> None:
    (tmp_path / "top" / "hw_cnn").mkdir(parents=True)
    (tmp_path / "top" / "hw_cnn" / "one.py").write_bytes(b"1")
    (tmp_path / "top" / unicodedata.normalize("NFD", "мой.py")).write_bytes(b"2")
    expected = {"hw_cnn/one.py": b"1", unicodedata.normalize("NFC", "мой.py"): b"2"}
    assert take(tmp_path, everything, 1) == expected


def test_links_in_folders(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    for number, make in enumerate((os.symlink, os.link)):
        folder = tmp_path / str(number)
        folder.mkdir()
        make(tmp_path / "secret", folder / "solution.py")
        with pytest.raises(Rejected, match=r"a (hard )?link"):
            take(folder, everything, 1)


def test_a_linked_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "student").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "inner").symlink_to("/etc")
    for name in ("student", "real"):
        with pytest.raises(Rejected, match="a link"):
            take(tmp_path / name, everything, 1)


def test_a_pipe_in_a_folder_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "solution.py")
    with pytest.raises(Rejected, match="not an ordinary file"):
        take(tmp_path, everything, 1)


def test_too_many_files_in_a_folder(tmp_path: Path) -> None:
    for number in range(MAX_ENTRIES + 1):
        (tmp_path / str(number)).touch()
    with pytest.raises(Rejected, match=str(MAX_ENTRIES)):
        take(tmp_path, everything, 1)


def test_a_folder_that_is_too_big(tmp_path: Path) -> None:
    (tmp_path / "model.ckpt").write_bytes(bytes(1_000_001))
    with pytest.raises(Rejected, match="larger than 1 MB"):
        take(tmp_path, everything, 1)


def test_the_digest_separates_names_from_contents() -> None:
    assert digest({"a": b"bc"}) != digest({"ab": b"c"})
    assert digest({"a": b"1", "b": b"2"}) == digest({"b": b"2", "a": b"1"})

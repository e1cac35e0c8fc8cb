"""Zips: hostile ones are refused with one sentence each, honest oddities pass."""

from __future__ import annotations

import contextlib
import os
import stat
import unicodedata
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.uploads.collecting import Interest
from autograder.intake.uploads.refusals import MAX_ENTRIES
from autograder.intake.uploads.rejection import Rejected
from autograder.intake.uploads.taking import take_zip
from autograder.text import Text
from tests.autograder.intake.uploads.support import packed
from tests.autograder.intake_support import everything, one_sentence, peak_mb

CP866, UTF8_FLAG = "cp866", 0x800


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
    return one_sentence(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../x.py", "leaves the archive"),
        ("a/../../x.py", "leaves the archive"),
        ("a/..", "leaves the archive"),
        ("./../x.py", "leaves the archive"),
        ("/etc/passwd", "absolute"),
        ("C:/x.py", "absolute"),
        ("..\\x.py", "leaves the archive"),
        ("a\\..\\..\\x.py", "leaves the archive"),
        ("\\x.py", "absolute"),
        ("C:\\x.py", "absolute"),
        ("a\nb.py", "control character"),
        ("a\x07b.py", "control character"),
        ("a\u202ey.py", "control character"),
        ("\u2028.py", "control character"),
        ("a\x1b[31m.py", "control character"),
        ("/".join("d" * 33), "nested more than 32 deep"),
        ("a" * 256 + ".py", "too long"),
        ("я" * 130 + ".py", "too long"),
        ("/".join(["d" * 100] * 11), "too long"),
    ],
)
def test_hostile_names(name: str, words: str) -> None:
    assert words in refused(raw_name(name.encode(), utf8=True)).en


def test_a_nul_byte_does_not_hide_the_end_of_a_name() -> None:
    assert "control character" in refused(raw_name(b"solution.py\x00.png")).en


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_duplicates() -> None:
    assert "appears twice" in refused(packed(("a.py", b"1"), ("a.py", b"2"))).en


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_folder_may_be_listed_twice() -> None:
    data = packed(("d/", b""), ("d/a.py", b"1"), ("d/", b""))
    assert take_zip(data, "w.zip", everything, 1) == {"a.py": b"1"}


def test_case_collisions() -> None:
    said = refused(packed(("a.py", b"1"), ("A.py", b"2"))).en
    assert "'a.py' and 'A.py' differ only in case" in said
    assert "folders 'd' and 'D' differ only in case" in refused(packed(("d/a.py", b"1"), ("D/b.py", b"2"))).en
    assert "folders 'd' and 'D' differ only in case" in refused(packed(("d/", b""), ("D/b.py", b"2"))).en


def test_equal_after_unicode_normalisation() -> None:
    composed, decomposed = unicodedata.normalize("NFC", "й.py"), unicodedata.normalize("NFD", "й.py")
    assert "Unicode spelling" in refused(packed((composed, b"1"), (decomposed, b"2"))).en


def test_a_file_as_a_folder() -> None:
    for folder in ("a/b.py", "a/", "A/b.py"):
        assert "both a file and a folder" in refused(packed(("a", b"1"), (folder, b""))).en


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
    assert "'a.py' is larger than 1 MB" in refused(packed(("a.py", b"0" * 2_000_000))).en
    assert "grows more than 200 times" in refused(packed(("data.bin", b"0" * 20_000_000))).en
    halves = [(f"{number}.py", b"0" * 600_000) for number in range(2)]
    assert "unpacked, the archive is larger than 1 MB" in refused(packed(*halves)).en


@pytest.mark.parametrize("claimed", [10, 1_000_000])
def test_a_bomb_that_lies_about_its_size_is_stopped_while_it_unpacks(claimed: int) -> None:
    data = bytearray(packed(("a.py", b"0" * 100_000_000)))
    central = data.index(b"PK\x01\x02") + 24
    for place in (22, central):
        data[place : place + 4] = claimed.to_bytes(4, "little")
    assert peak_mb(lambda: refused(bytes(data))) < 5


def test_a_table_of_many_members_is_refused_before_it_is_read() -> None:
    entry = packed(("a", b""))
    table = entry[entry.index(b"PK\x01\x02") : entry.index(b"PK\x05\x06")] * 200_000
    end = b"PK\x05\x06" + bytes(8) + len(table).to_bytes(4, "little") + bytes(6)
    assert peak_mb(lambda: refused(table + end)) < 40


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_unusual_compression_has_its_own_sentence(method: int) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a.py", b"text")
    assert "ordinary zip (Deflate)" in refused(buffer.getvalue()).en


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


@settings(max_examples=400)
@given(st.data())
def test_a_damaged_zip_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(packed(("d/a.py", b"print(1)\n" * 40), ("b.py", b"2"), ("é.py", b"3")))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.just(len(raw)) | st.integers(0, len(raw)))
    with contextlib.suppress(Rejected):
        files = take_zip(bytes(raw[:cut]), "work.zip", everything, 1)
        assert sum(map(len, files.values())) <= 1_000_000


def test_russian_names_of_windows_zips() -> None:
    assert take_zip(raw_name("Работа.py".encode(CP866)), "w.zip", everything, 1) == {"Работа.py": b"text"}
    assert take_zip(raw_name("Работа.py".encode()), "w.zip", everything, 1) == {"Работа.py": b"text"}


def test_backslashes_of_windows_zips() -> None:
    data = packed(("hw\\", b""), ("hw\\small.ipynb", b"1"), ("hw\\hw_cnn\\one.py", b"2"))
    assert take_zip(data, "w.zip", everything, 1) == {"small.ipynb": b"1", "hw_cnn/one.py": b"2"}
    assert "'a/b.py' appears twice" in refused(packed(("a/b.py", b"1"), ("a\\b.py", b"2"))).en


@pytest.mark.parametrize(
    ("date", "seconds"), [((2025, 3, 1, 12, 30, 10), 1740832210.0), ((1980, 0, 0, 0, 0, 0), 0.0)]
)
def test_the_time_of_a_member(date: tuple[int, int, int, int, int, int], seconds: float) -> None:
    found = take_zip(packed((zipfile.ZipInfo("a.py", date), b"1")), "w.zip", everything, 1)
    assert found.times == {"a.py": seconds}


def test_unwanted_files_are_not_unpacked() -> None:
    data = packed(("small.ipynb", b"1"), ("photo.jpg", os.urandom(3_000_000)))
    assert take_zip(data, "w.zip", lambda path: Interest(path.endswith(".ipynb")), 1) == {"small.ipynb": b"1"}

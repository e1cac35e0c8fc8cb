"""Tars: read in memory in one pass, hostile ones refused with one sentence, what GNU tar and macOS write accepted."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import subprocess
import tarfile
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.uploads.names import ignored
from autograder.intake.uploads.refusals import MAX_ENTRIES
from autograder.intake.uploads.rejection import Rejected
from autograder.intake.uploads.taking import take, take_archive
from tests.autograder.intake_support import everything, hand_in, one_sentence, peak_mb

FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


def member(name: str, kind: bytes = tarfile.REGTYPE, linkname: str = "", **pax: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.pax_headers = kind, linkname, pax
    return info


def tarred(*members: tuple[tarfile.TarInfo | str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar with these members, in order; sizes are filled in."""
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for made, data in members:
            info = member(made) if isinstance(made, str) else made
            info.size = len(data)
            archive.addfile(info, BytesIO(data))
    return buffer.getvalue()


def read(data: bytes, upload_mb: int = 1) -> dict[str, bytes]:
    return take_archive(data, "work.tar.gz", everything, upload_mb)


def refused(data: bytes) -> str:
    with pytest.raises(Rejected) as caught:
        read(data)
    return one_sentence(caught.value).en


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_tar_is_read(form: int, pack: type[bytes]) -> None:
    long = f"{'d' * 60}/{'e' * 60}/{'f' * 30}.py"
    names = [
        ("Иванов/", b""),
        ("Иванов/small.ipynb", b"1" * 70_000),
        ("Иванов/" + long, b""),
        ("Иванов/x", b"2"),
    ]
    data = tarred(*((member(n, tarfile.DIRTYPE) if n[-1] == "/" else n, d) for n, d in names), form=form)
    assert read(pack(data)) == {"small.ipynb": b"1" * 70_000, long: b"", "x": b"2"}


def test_the_tar_of_the_system(tmp_path: Path) -> None:
    tar = shutil.which("tar")
    if tar is None:
        pytest.skip("no tar on this machine")
    files = {
        "top/solution.py": b"1",
        "top/hw_cnn/один.py": b"2" * 1000,
        f"top/{'n' * 90}/{'m' * 90}.py": b"3",
    }
    hand_in(tmp_path / "s", files)
    (tmp_path / "s" / "top" / "empty").mkdir()
    (tmp_path / "s" / "top" / "solution.py").chmod(0o400)
    for form in ("gnu", "pax", "ustar"):
        command = [tar, "-C", tmp_path / "s", f"--format={form}", "-czf", tmp_path / "w.tgz", "."]
        subprocess.run(command, check=True)
        found = take(tmp_path / "w.tgz", everything, 1)
        assert found == {name.removeprefix("top/"): data for name, data in files.items()}


def test_honest_oddities() -> None:
    decomposed = unicodedata.normalize("NFD", "мой.py")
    raw = bytearray(tarred(("??????.py", b"5"), form=tarfile.USTAR_FORMAT)[:1024])
    raw[:6] = "Работа".encode("cp866")
    raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + 256 + sum(raw[156:512]))
    first = tarred(
        (
            member("pax_global_header", tarfile.XGLTYPE),
            b"52 comment=0123456789abcdef0123456789abcdef01234567\n",
        ),
        (member(".", tarfile.DIRTYPE), b""),
        ("./._small.ipynb", b"x"),  # AppleDouble, with attributes of macOS in the extended header
        (member("./small.ipynb", **{"LIBARCHIVE.xattr.com.apple.quarantine": "MDA4MQ"}), b"1"),
        ("./.DS_Store", b"x"),
        (member("./d", tarfile.DIRTYPE), b""),
        (member("./d", tarfile.DIRTYPE), b""),
        (decomposed, b"2"),
        (member("./.venv/python", tarfile.SYMTYPE, "/usr/bin/python"), b""),
    )
    end = first.index(bytes(1024), first.index(b".venv"))
    data = first[: -(-end // 512) * 512] + bytes(raw)  # no blocks of zeros at the end
    assert read(data) == {
        "small.ipynb": b"1",
        unicodedata.normalize("NFC", decomposed): b"2",
        "Работа.py": b"5",
    }


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (tarfile.SYMTYPE, "is a link"), (tarfile.LNKTYPE, "is a hard link"), (tarfile.FIFOTYPE, "ordinary file"),
        (tarfile.CHRTYPE, "ordinary file"), (tarfile.BLKTYPE, "ordinary file"), (b"V", "ordinary file"),
        (tarfile.GNUTYPE_SPARSE, "sparse"),
    ],
)  # fmt: skip
def test_special_members(kind: bytes, said: str) -> None:
    assert said in refused(tarred((member("solution.py", kind, "/etc/passwd"), b"")))


def test_a_link_and_a_file_below_it() -> None:
    data = tarred((member("d", tarfile.SYMTYPE, "/tmp"), b""), ("d/a.py", b"1"))
    assert "is a link" in refused(data)


def test_sparse_files_of_pax() -> None:
    info = member("GNUSparseFile.0/a.py", **{"GNU.sparse.major": "1", "GNU.sparse.realsize": "9" * 12})
    assert "--sparse" in refused(tarred((info, b"1\n")))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../x.py", "leaves the archive"),
        ("/etc/passwd", "absolute"),
        ("C:/x.py", "absolute"),
        ("a\\b.py", "backslash"),
        ("a\nb.py", "control character"),
        ("a\u202ey.py", "control character"),
        ("d/" * 33 + "a.py", "nested more than 32 deep"),
        ("a" * 300, "too long"),
    ],
)
@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_hostile_names(name: str, said: str, form: int) -> None:
    assert said in refused(tarred((name, b""), form=form))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.py", "a.py"], "appears twice"),
        (["a.py", "A.py"], "differ only in case"),
        (["d/a.py", "D/b.py"], "differ only in case"),
        (["\u0439.py", "\u0438\u0306.py"], "Unicode spelling"),
        (["a", "a/b.py"], "both a file and a folder"),
    ],
)
def test_collisions(names: list[str], said: str) -> None:
    assert said in refused(tarred(*((name, b"") for name in names)))


def test_too_many_members() -> None:
    assert str(MAX_ENTRIES) in refused(tarred(*((f"{number}.py", b"") for number in range(MAX_ENTRIES + 1))))


def test_sizes() -> None:
    assert "'a.py' is larger than 1 MB" in refused(tarred(("a.py", bytes(2_000_000))))
    halves = tarred(("a.py", os.urandom(600_000)), ("b.py", os.urandom(600_000)))
    assert "unpacked, the archive is larger than 1 MB" in refused(halves)
    wanted = take_archive(halves, "w.tar", lambda path: path == "b.py", 1)
    assert list(wanted) == ["b.py"]


def gzipped_zeros(start: bytes, mb: int) -> bytes:
    """`start` and then so many megabytes of zeros, without ever holding them."""
    buffer = BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb") as file:
        file.write(start)
        for _ in range(mb):
            file.write(bytes(1_000_000))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME]
)
def test_a_bomb_is_stopped_while_it_unpacks(kind: bytes) -> None:
    """In a file as in an extended header, which `tarfile` would read whole."""
    info = member("data.bin", kind)
    info.size = 300_000_000
    data = gzipped_zeros(info.tobuf(tarfile.GNU_FORMAT), 60)

    def skipping() -> None:
        with pytest.raises(Rejected):
            take_archive(data, "w.tgz", lambda path: path.endswith(".py"), 1)

    assert peak_mb(lambda: refused(data)) < 3
    assert peak_mb(skipping) < 3


def test_what_is_skipped_is_limited_too() -> None:
    data = tarred(*((f"{number}.bin", bytes(900_000)) for number in range(12)))
    with pytest.raises(Rejected, match="larger than 10 MB"):
        take_archive(data, "w.tar", lambda path: path.endswith(".py"), 1)
    with pytest.raises(Rejected, match="grows more than 200 times"):
        take_archive(gzip.compress(data + data), "w.tgz", lambda path: path.endswith(".py"), 5)


def broken_size(value: bytes) -> bytes:
    info = member("a.py").tobuf(tarfile.GNU_FORMAT)
    raw = bytearray(info[:124] + value + info[136:])
    raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + 256 + sum(raw[156:512]))
    return bytes(raw)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no tar", b"\x1f\x8b", gzip.compress(b""), gzip.compress(b"no tar"),
        tarred(("a.py", b"text"))[:600], gzip.compress(tarred(("a.py", b"text")))[:-9],
        broken_size(b"\xff" * 12),  # minus one: tarfile.TarFile went back and read the same header for ever
        broken_size(b"\x80" + b"\xff" * 11), broken_size(b"99999999999\0"),
        tarred((member("x", tarfile.XHDTYPE), b"9 a=b\n")),
        tarred((member("x", tarfile.XHDTYPE), b"0 a=b\n")), tarred((member("x", tarfile.XHDTYPE), b"a" * 900)),
        tarred(*((member("x", tarfile.GNUTYPE_LONGNAME), b"y") for _ in range(9)), ("a.py", b"")),
        tarred((member("x", tarfile.XHDTYPE), b"12 size=-12\n"), ("a.py", b"")),
        tarred((member("x", tarfile.XHDTYPE), b"6 a=b\n")),
    ],
)  # fmt: skip
def test_damaged_tars(data: bytes) -> None:
    assert "does not open" in refused(data)


def test_damaged_contents() -> None:
    data = bytearray(gzip.compress(tarred(("a.py", os.urandom(5000))), 0))  # level 0: the bytes as they are
    data[2000] ^= 255
    assert "does not open" in refused(bytes(data))


pieces = st.lists(
    st.tuples(st.text(st.characters(exclude_categories=("Cs",)), max_size=30), st.binary(max_size=600)),
    max_size=4,
)


@settings(max_examples=300)
@given(pieces, st.sampled_from(FORMATS[1:]), st.booleans())
def test_what_is_read_is_what_tarfile_reads(files: list[tuple[str, bytes]], form: int, packed: bool) -> None:
    data = tarred(*files, form=form)
    try:
        found = read(gzip.compress(data) if packed else data)
    except Rejected:
        return
    with tarfile.open(fileobj=BytesIO(data)) as archive:
        counted = [info for info in archive if info.name.strip("./") and not ignored(info.name)]
        expected = [archive.extractfile(info).read() for info in counted]
    assert sorted(found.values()) == sorted(expected)


@settings(max_examples=400)
@given(st.data())
def test_a_damaged_tar_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(
        tarred(("d/" + "a" * 120, b"1" * 600), ("b.py", b"2"), form=data.draw(st.sampled_from(FORMATS[1:])))
    )
    headers = st.sampled_from(
        [start + offset for start in range(0, len(raw), 512) for offset in (0, 124, 148, 156)]
    )
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(headers | st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):  # make the sums right again, or hardly a header is looked at
        for start in range(0, len(raw), 512):
            if raw[start + 257 : start + 262] == b"ustar":
                total = sum(raw[start : start + 148]) + 256 + sum(raw[start + 156 : start + 512])
                raw[start + 148 : start + 156] = b"%06o\0 " % total
    cut = data.draw(st.just(len(raw)) | st.integers(0, len(raw)))
    with contextlib.suppress(Rejected):
        files = read(bytes(raw[:cut]))
        assert sum(map(len, files.values())) <= len(raw)


def test_the_time_of_a_member() -> None:
    info = member("a.py")
    info.mtime = 1_740_832_210
    found = take_archive(tarred((info, b"1")), "work.tar", everything, 1)
    assert found.times == {"a.py": 1_740_832_210.0}

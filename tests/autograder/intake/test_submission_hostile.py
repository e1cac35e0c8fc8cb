"""Whatever is handed in gives a submission or one sentence, soon and within little memory."""

from __future__ import annotations

import gzip
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake.support import take
from tests.autograder.intake_support import cell, hand_in, kinds, notebook, read, run

PIECES = [
    *(
        "%%time\n",
        "!ls\n",
        "%x ",
        "x = %y\n",
        "z = !ls\n",
        "a?\n",
        "def conv(x):\n",
        "    return 1\n",
        "\\\n",
        "'''",
        "(",
    ),
    *(
        ")",
        "lambda:",
        "not ",
        "f(",
        "class A:\n",
        " pass\n",
        "\x00",
        "\ud800",
        "\r",
        "\t",
        "@a\n",
        "=",
        "\n",
        "raise\n",
    ),
    *(
        "from __future__ import annotations\n",
        "import hw_cnn.one\nhw_cnn.one.conv = f\n",
        "global x\n",
        "*",
        "await ",
    ),
]
sources = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(st.characters(), max_size=40)


@settings(max_examples=300, deadline=None)
@given(st.lists(sources, min_size=1, max_size=3), sources)
def test_any_code_is_read_or_refused(cells: list[str], script: str) -> None:
    good = cell("def conv(x): return 1", "F1")
    found = take(nb=notebook(*cells, good), py=script.encode(errors="surrogatepass"))
    if found is not None:
        assert kinds(found)["F1"] == "cell"
        assert all(note.en.isprintable() and note.ru.isprintable() for note in found.notes)


def tar_of(**files: str) -> bytes:
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"work/{name}.py")
            info.size = len(text)
            archive.addfile(info, BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name", ["anna.tar.gz", "anna.tgz", "anna.tar", "anna/small.tar.gz", "anna/work.tar"]
)
def test_a_tar_counts_like_a_zip(tmp_path: Path, name: str) -> None:
    data = tar_of(solution="def conv(x): return 6")
    hand_in(tmp_path, {name: gzip.compress(data) if name.endswith("gz") else data})
    found = read(tmp_path / name.split("/")[0])
    assert run(found)["conv"](0) == 6


def test_an_archive_beside_the_work_does_not_count(tmp_path: Path) -> None:
    files = {"solution.py": "def conv(x): return 1", "old.tar.gz": b"junk", "data.rar": b"junk"}
    assert run(read(hand_in(tmp_path, files)))["conv"](0) == 1


def test_two_archives_are_ambiguous(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="several archives"):
        read(hand_in(tmp_path, {"a.zip": b"", "b.tar.gz": b""}))

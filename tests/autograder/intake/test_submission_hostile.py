"""Whatever is handed in gives a submission or one sentence, soon and within little memory."""

from __future__ import annotations

import gzip
import json
import tarfile
import time
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_tree
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake_support import (
    EDITION,
    cell,
    hand_in,
    kinds,
    manifest,
    notebook,
    one_sentence,
    peak_mb,
    read,
    run,
)

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
junk = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3) | st.just("code"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "cell_type", "source", "metadata", "id", "nbgrader", "grade_id", "input"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


def take(**files: bytes) -> Submission | None:
    """The submission, None for a refusal; anything else ends the test."""
    names = {"nb": "small.ipynb", "py": "solution.py", "stamp": "timestamp.txt", "one": "hw_cnn/one.py"}
    try:
        return read_tree(
            Upload("s", Path("s")), {names[key]: data for key, data in files.items()}, manifest(), EDITION
        )
    except Rejected as rejection:
        one_sentence(rejection)
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(sources, min_size=1, max_size=3), sources)
def test_any_code_is_read_or_refused(cells: list[str], script: str) -> None:
    good = cell("def conv(x): return 1", "F1")
    found = take(nb=notebook(*cells, good), py=script.encode(errors="surrogatepass"))
    if found is not None:
        assert kinds(found)["F1"] == "cell"
        assert all(note.en.isprintable() and note.ru.isprintable() for note in found.notes)


@settings(max_examples=300, deadline=None)
@given(
    junk, st.sampled_from([-1, 1, 2, 3, 4, 10**400, None, "3", []]), st.sampled_from(["cells", "worksheets"])
)
def test_any_json_is_a_notebook_or_refused(inner: Any, form: Any, key: str) -> None:
    take(nb=json.dumps({"nbformat": form, key: inner}).encode())
    take(nb=json.dumps({"nbformat": form, key: [inner, {"cell_type": "code", "source": inner}]}).encode())
    take(nb=json.dumps({"nbformat": form, key: [{"cells": inner, "metadata": {}}]}).encode())


@given(
    st.binary(max_size=60),
    st.sampled_from(["undefined", "idna", "punycode", "rot13", "utf-7", "unicode_escape"]),
)
def test_any_bytes_are_text(raw: bytes, codec: str) -> None:
    take(py=f"# coding: {codec}\n".encode() + raw)
    take(py=raw, one=raw)


@given(
    st.datetimes(),
    st.sampled_from(["", "Asia/Tokyo", "America/New_York", "Europe", "../x", "\0"]) | st.text(),
)
@example(datetime.min, "Asia/Tokyo")
@example(datetime.max, "America/New_York")
def test_any_time_stamp_is_read_or_left_out(moment: Any, zone: str) -> None:
    found = take(py=b"x = 1", stamp=f"{moment} {zone}".encode(errors="replace"))
    assert found is not None


@pytest.mark.parametrize(
    "data",
    [
        notebook("!ls\n" * 3000, cell("def conv(x): return 1", "F1")),
        pytest.param(
            notebook(*["!ls\n" * 30] * 300, cell("def conv(x): return 1", "F1")), marks=pytest.mark.nightly
        ),
        notebook("%%time\n" * 100_000, cell("def conv(x): return 1", "F1")),
        notebook("x = %y\n" * 3000, cell("def conv(x): return 1", "F1")),
        # IPython gives up after 500.
        pytest.param(notebook("!\n" * 502, cell("def conv(x): return 1", "F1")), marks=pytest.mark.nightly),
    ],
)
def test_many_magics_cost_no_more_than_themselves(data: bytes) -> None:
    """IPython reads a cell anew for each magic: the first of these took a minute."""
    started = time.process_time()
    found = take(nb=data)
    assert found is not None
    assert kinds(found)["F1"] == "cell"
    assert any("syntax error" in note.en for note in found.notes)
    assert time.process_time() - started < 60


def test_ordinary_magics_do_not_matter() -> None:
    many = ["!pip install torch\n%matplotlib inline\nimport os\n"] * 40
    found = take(nb=notebook(*many, "%%time\n%%capture\ndef pool(x): return 1"))
    assert found is not None
    assert (kinds(found)["G1"], found.notes) == ("notebook", ())


def test_a_notebook_of_empty_lists_takes_no_memory() -> None:
    data = b'{"cells": [' + b"[]," * 10_000_000 + b"[]]}"
    assert peak_mb(lambda: take(nb=data)) < 1
    assert take(nb=data) is None


def test_a_time_stamp_is_short() -> None:
    stamp = b"a " * 5_000_000
    assert peak_mb(lambda: take(py=b"x = 1", stamp=stamp)) < 5


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

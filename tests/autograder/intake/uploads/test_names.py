"""Names of files: what passes is harmless, and what is refused is shown harmlessly."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.intake.uploads.names import MAX_DEPTH, check_collisions, printable, safe_name
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake_support import one_sentence

anything = st.text(st.characters(), max_size=40)
pathlike = st.lists(st.sampled_from(["a", "A", "..", ".", "", "/", "й", "й", "\\", "C:", "\x1b[0m"])).map(
    "/".join
)


@given(anything | pathlike)
@example("\ud800")
@example("/".join(["a"] * 999))
def test_a_name_that_passes_stays_in_its_folder(raw: str) -> None:
    try:
        path = safe_name(raw).path
    except Rejected as rejection:
        one_sentence(rejection)
        return
    parts = PurePosixPath(path).parts
    assert not path.startswith("/")
    assert ".." not in parts
    assert "/".join(parts) == path
    assert path == unicodedata.normalize("NFC", path)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in path)
    assert "\\" not in path
    assert len(path.encode()) <= 1024


@given(anything)
def test_a_name_is_shown_in_one_harmless_line(raw: str) -> None:
    shown = printable(raw)
    assert len(shown) <= 80
    assert shown.isprintable()


@given(
    st.lists(
        st.sampled_from(["a", "A", "b", "a/b", "A/b", "a/c", "\u0439", "\u0438\u0306", "ss", "ß"]), max_size=4
    )
)
def test_names_that_pass_together_are_different_files_everywhere(raws: list[str]) -> None:
    names = [safe_name(raw) for raw in raws]
    keys = [unicodedata.normalize("NFD", name.path).casefold() for name in names]
    clash = len(set(keys)) < len(keys) or any(
        other.startswith(f"{one}/") for one in keys for other in keys if one != other
    )
    spellings = {PurePosixPath(name.path).parent for name in names}
    clash |= len({str(folder).casefold() for folder in spellings}) < len(spellings)
    if clash:
        with pytest.raises(Rejected) as caught:
            check_collisions(names, [])
        one_sentence(caught.value)
    else:
        check_collisions(names, [])


@pytest.mark.parametrize(
    "name", ["Работа (1).ipynb", "👩\u200d🎓.py", "co\u00adop.py", "a b.py", "naïve.py", "d/e/f.py"]
)
def test_honest_names_pass(name: str) -> None:
    assert safe_name(name).path == name


@pytest.mark.parametrize("extra", ["", "./", "/"])
def test_a_path_has_at_most_32_parts(extra: str) -> None:
    deepest = "/".join(["d"] * 31) + "/" + extra.strip("/") + "a.py"
    assert len(PurePosixPath(safe_name(deepest).path).parts) == MAX_DEPTH == 32
    with pytest.raises(Rejected, match="nested more than 32 deep") as caught:
        safe_name("d/" + extra + deepest)
    one_sentence(caught.value)

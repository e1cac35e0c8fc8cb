"""Names of files: what passes is harmless, and what is refused is shown harmlessly."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.intake.uploads.names import (
    MAX_DEPTH,
    Name,
    check_collisions,
    decode_name,
    ignored,
    printable,
    safe_name,
)
from autograder.intake.uploads.rejection import Rejected
from autograder.text import Text
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


def said(action: Callable[[], object]) -> Text:
    with pytest.raises(Rejected) as caught:
        action()
    return one_sentence(caught.value)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("a.py", "a.py"),
        ("./a.py", "a.py"),
        ("d//a.py", "d/a.py"),
        ("d/./e/a.py", "d/e/a.py"),
        ("d/", "d"),
        (".", ""),
        ("", ""),
        ("x", "x"),
        ("...", "..."),
        ("..a/b..", "..a/b.."),
        ("ab:c", "ab:c"),
        ("a" * 255, "a" * 255),
        ("й" * 127, "й" * 127),
        ("\u0438\u0306.py", "\u0439.py"),
        ("/".join(["d" * 204] * 5), "/".join(["d" * 204] * 5)),  # 1024 bytes
    ],
)
def test_a_path_is_made_plain(raw: str, path: str) -> None:
    assert safe_name(raw) == Name(raw, path)


@pytest.mark.parametrize(
    ("raw", "en", "ru"),
    [
        ("/etc/passwd", "the path '/etc/passwd' is absolute", "путь «/etc/passwd» абсолютный"),
        ("/", "the path '/' is absolute", "путь «/» абсолютный"),
        ("C:/a.py", "the path 'C:/a.py' is absolute", "путь «C:/a.py» абсолютный"),
        ("C:", "the path 'C:' is absolute", "путь «C:» абсолютный"),
        ("../a.py", "the path '../a.py' leaves the archive", "путь «../a.py» выходит из архива"),
        ("d/..", "the path 'd/..' leaves the archive", "путь «d/..» выходит из архива"),
        (
            "a\\b",
            "the file name 'a\\\\b' holds a backslash",
            "в имени файла «a\\b» есть обратная косая черта",
        ),
        (
            "a\nb",
            "the file name 'a�b' holds a control character",
            "в имени файла «a�b» есть управляющий символ",
        ),
        ("a\u202eb", "holds a control character", "есть управляющий символ"),
        ("a\ud800b", "holds a control character", "есть управляющий символ"),
        ("a\u2028b", "holds a control character", "есть управляющий символ"),
        ("a\u2029b", "holds a control character", "есть управляющий символ"),
        ("a\u200d\tb", "holds a control character", "есть управляющий символ"),
        (
            "a" * 256,
            f"the file name '{'a' * 77}...' is too long",
            f"имя файла «{'a' * 77}...» слишком длинное",
        ),
        ("й" * 128, "is too long", "слишком длинное"),
        ("d/" + "a" * 256, "is too long", "слишком длинное"),
        ("/".join(["d" * 204] * 4 + ["d" * 205]), "is too long", "слишком длинное"),
        ("/".join("d" * 33), "nested more than 32 deep ('d/d/d/", "глубже 32 уровней («d/d/d/"),
    ],
)
def test_a_hostile_name_is_refused_and_shown(raw: str, en: str, ru: str) -> None:
    text = said(lambda: safe_name(raw))
    assert en in text.en
    assert ru in text.ru


def test_the_first_thing_that_is_wrong_is_named() -> None:
    assert "control" in said(lambda: safe_name("/..\\\n")).en
    assert "backslash" in said(lambda: safe_name("/..\\")).en
    assert "absolute" in said(lambda: safe_name("/..")).en


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a.py", "a.py"),
        ("Работа.py".encode(), "Работа.py"),
        ("Работа.py".encode("cp866"), "Работа.py"),
        (b"\xff", "\xa0"),
    ],
)
def test_names_in_two_encodings(raw: bytes, expected: str) -> None:
    assert decode_name(raw) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", False),
        ("__MACOSX/a.py", True),
        ("d/.git/a/b", True),
        ("d/venv/a.py", True),
        ("venv.py", False),
        (".DS_Store", True),
        ("d/Thumbs.db", True),
        ("Thumbs.db/a.py", False),
        ("d/._a.py", True),
        ("~$a.docx", True),
        ("._d/a.py", False),
        ("_.py", False),
    ],
)
def test_what_is_litter(path: str, expected: bool) -> None:
    assert ignored(path) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Работа 1", "Работа 1"),
        ("a\nb\u202e", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"),
        ("a" * 80, "a" * 80),
        ("a" * 81, "a" * 77 + "..."),
    ],
)
def test_how_a_name_is_shown(name: str, expected: str) -> None:
    assert printable(name) == expected


NFC, NFD = "\u0439.py", "\u0438\u0306.py"


@pytest.mark.parametrize(
    ("files", "folders", "en", "ru"),
    [
        (
            ["a.py", "A.py"],
            [],
            "the file names 'a.py' and 'A.py' differ only in case",
            "имена файлов «a.py» и «A.py»",
        ),
        (
            ["d/ß", "d/SS"],
            [],
            "the file names 'd/ß' and 'd/SS' differ only in case",
            "«d/ß» и «d/SS» отличаются",
        ),
        (
            [NFC, NFD],
            [],
            "of two files look the same ('й.py'), only their Unicode",
            "выглядят одинаково («й.py»)",
        ),
        (["a.py", "./a.py"], [], "look the same ('a.py')", "выглядят одинаково («a.py»)"),
        (["b", "a.py", "a.py"], [], "the file 'a.py' appears twice", "файл «a.py» встречается дважды"),
        (["a", "a/b"], [], "'a' is both a file and a folder", "«a» — и файл, и папка"),
        (["A", "a/b"], [], "'A' is both a file and a folder", "«A» — и файл, и папка"),
        (["a"], ["a"], "'a' is both a file and a folder", "«a» — и файл, и папка"),
        (["a"], ["a/b"], "'a' is both a file and a folder", "«a» — и файл, и папка"),
        (["a/b", "A/c"], [], "the folders 'a' and 'A' differ only in case", "папки «a» и «A» отличаются"),
        (["a/b/c"], ["A"], "the folders 'A' and 'a' differ only in case", "папки «A» и «a» отличаются"),
        (
            [],
            ["d/a", "d/A"],
            "the folders 'd/a' and 'd/A' differ only in case",
            "папки «d/a» и «d/A» отличаются",
        ),
    ],
)
def test_names_that_collide(files: list[str], folders: list[str], en: str, ru: str) -> None:
    text = said(
        lambda: check_collisions([safe_name(raw) for raw in files], [safe_name(raw) for raw in folders])
    )
    assert en in text.en
    assert ru in text.ru
    # What to do about it, to the end of the sentence.
    assert text.en.endswith(
        ("; rename one of the files", "; rename one of them", "; keep one of them", "; keep one")
    )
    ends = (
        "; переименуйте один из них",
        "; переименуйте одну из них",
        "; оставьте одно из двух",
        "; оставьте один",
    )
    assert text.ru.endswith(ends)


def test_names_that_do_not_collide() -> None:
    files = [safe_name(raw) for raw in ("a.py", "d/a.py", "d/e/a.py", "e/d", "b")]
    folders = [safe_name(raw) for raw in ("d", "d/", "./d", "d/e", "empty", ".")]
    check_collisions(files, folders)
    check_collisions([], [])

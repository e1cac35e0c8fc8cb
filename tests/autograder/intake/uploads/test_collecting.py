"""How much is kept of an upload: what matters must fit, data and archives are left aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.intake.uploads.collecting import Collector, Files, Interest
from autograder.intake.uploads.refusals import too_big
from autograder.intake.uploads.rejection import Rejected

MB = 1_000_000


def collector(upload_mb: int = 2) -> Collector:
    kinds = {"py": Interest.ALWAYS, "csv": Interest.DATA, "zip": Interest.ARCHIVE}
    return Collector(lambda path: kinds.get(path.rpartition(".")[2], Interest.NONE), upload_mb, too_big)


@pytest.mark.parametrize(
    ("path", "size", "admitted", "left_aside"),
    [
        ("a.py", 2 * MB, True, ()),
        ("a.csv", MB, True, ()),
        ("a.csv", MB + 1, False, ("a.csv",)),
        ("a.zip", 2 * MB, True, ()),
        ("a.zip", 2 * MB + 1, False, ("a.zip",)),
        ("a.so", 1, False, ()),
    ],
)
def test_one_file(path: str, size: int, admitted: bool, left_aside: tuple[str, ...]) -> None:
    made = collector()
    assert made.admits(path, size) is admitted
    assert made.files().left_aside == left_aside


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (lambda made: made.admits("a.py", 2 * MB + 1), "'a.py' is larger than 2 MB"),
        (lambda made: (made.add("a.py", bytes(MB), 0), made.admits("b.py", MB + 1)), "submission is larger"),
        (lambda made: made.add("a.py", bytes(2 * MB + 1), 0), "submission is larger"),
    ],
)
def test_what_matters_must_fit(fill: Callable[[Collector], object], said: str) -> None:
    with pytest.raises(Rejected, match=said):
        fill(collector())


def test_data_have_room_of_their_own() -> None:
    made = collector(upload_mb=1)
    for number in range(9):
        if made.admits(f"{number}.csv", MB):
            made.add(f"{number}.csv", bytes(MB), 0)
    assert made.admits("a.py", MB)
    assert (len(made.files()), made.files().left_aside) == (8, ("8.csv",))


def test_data_are_at_most_200_files() -> None:
    made = collector()
    assert [made.admits(f"{number}.csv", 0) for number in range(201)] == [True] * 200 + [False]


def test_files_under_other_paths() -> None:
    files = Files({"a": b"1", "b": b"2"}, {"a": 3.0, "b": 4.0}, ("c",))
    renamed = files.renamed(lambda path: f"d/{path}")
    assert (dict(renamed), renamed.times, renamed.left_aside) == (
        {"d/a": b"1", "d/b": b"2"}, {"d/a": 3.0, "d/b": 4.0}, ("d/c",)
    )  # fmt: skip
    only = files.only(lambda path: path in "ac")
    assert (dict(only), only.times, only.left_aside) == ({"a": b"1"}, {"a": 3.0}, ("c",))
    assert files.only(lambda path: path == "b").left_aside == ()
    both = only.beside(Files({"a": b"x", "e": b"5"}, {"a": 9.0, "e": 6.0}, ("f",)))
    assert (dict(both), both.times["a"], both.times["e"]) == ({"a": b"1", "e": b"5"}, 3.0, 6.0)
    assert both.left_aside == ("c", "f")

"""Which symbols a release empties: all that somebody asks for, and what it provides not."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.manifest import Manifest
from autograder.course.ownership import (
    OWN_TASKS,
    AssignmentSymbols,
    emptied_for,
    own_assignments,
    own_tasks_json,
    recorded,
)
from autograder.errors import UsageError
from tests.autograder.manifests import plain

ROOT = Path(__file__).parents[3]


def course(
    name: str, *symbols: str, provides: tuple[str, ...] = (), remove: tuple[str, ...] = ()
) -> Manifest:
    """An assignment whose one task asks for these symbols."""
    data = plain() | {"name": name, "provides": list(provides)}
    data["tasks"] = [data["tasks"][0] | {"symbols": list(symbols), "remove": list(remove)}]
    return Manifest.model_validate(data)


def own(name: str, *symbols: str, remove: tuple[str, ...] = ()) -> AssignmentSymbols:
    return AssignmentSymbols.of(course(name, *symbols, remove=remove))


def emptied(
    manifest: Manifest, *neighbours: Manifest, ours: tuple[AssignmentSymbols, ...] = ()
) -> list[tuple[str, list[str], list[str]]]:
    """(assignment, symbols, removed), in order, those without any left out."""
    return [
        (one.name, list(map(str, one.symbols)), list(map(str, one.removed)))
        for one in emptied_for(manifest, neighbours, ours)
        if one.symbols or one.removed
    ]


def test_the_record_says_what_the_manifests_say() -> None:
    """Where this fails, run `python scripts/list_own_tasks.py`."""
    live = own_assignments(ROOT)
    assert OWN_TASKS.read_text(encoding="utf-8") == own_tasks_json(live)
    assert recorded() == live
    assert {one.name for one in live} == {
        "seminar_cnn",
        "convolution",
        "architectures",
        "inside_and_transfer",
    }


def test_without_manifests_the_record_counts(tmp_path: Path) -> None:
    assert own_assignments(tmp_path) == recorded()


@pytest.mark.parametrize("content", [None, "", "{", '{"assignments": [{"name": "a"}]}'])
def test_without_a_record_nothing_can_be_released(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "own_tasks.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"own_tasks\.json is missing or damaged.*install the grader again"):
        recorded(path)


def test_what_nobody_provides_is_emptied_and_the_released_comes_last() -> None:
    found = emptied(course("x", "m:a"), course("y", "m:b"), ours=(own("z", "m:c", remove=("m:d",)),))
    assert found == [("z", ["m:c"], ["m:d"]), ("y", ["m:b"], []), ("x", ["m:a"], [])]


def test_what_is_provided_is_given() -> None:
    chosen = course("x", "m:a", provides=("y", "z"))
    found = emptied(chosen, course("y", "m:b"), ours=(own("z", "m:c"), own("w", "m:e")))
    assert found == [("w", ["m:e"], []), ("x", ["m:a"], [])]


def test_a_course_takes_a_symbol_over_from_the_package() -> None:
    ours = (own("z", "m:a", "m:C.one", "m:C.two", remove=("m:b", "m:h")),)
    found = emptied(course("x", "m:a", "m:C"), course("y", "m:b"), ours=ours)
    assert found == [("z", [], ["m:h"]), ("y", ["m:b"], []), ("x", ["m:a", "m:C"], [])]


def test_a_class_that_the_package_asks_for_is_emptied_where_a_course_asks_for_one_method() -> None:
    """The rest of the class would be in clear otherwise."""
    found = emptied(course("x", "m:C.one"), ours=(own("z", "m:C"),))
    assert found == [("z", ["m:C"], []), ("x", ["m:C.one"], [])]


def test_of_one_name_the_first_counts_and_what_it_does_not_ask_is_emptied_too() -> None:
    """`release PATH --assignments DIR` may find a version of the same assignment in DIR."""
    found = emptied_for(course("x", "m:a"), [course("x", "m:a", "m:b")], [own("x", "m:b", "m:c")])
    assert [(one.older, [str(symbol) for symbol in one.symbols]) for one in found] == [
        (True, ["m:b"]),
        (True, ["m:c"]),
        (False, ["m:a"]),
    ]
    given = emptied_for(course("x", "m:a", provides=("x",)), [], [own("x", "m:a", "m:c")])
    assert [(one.older, [str(symbol) for symbol in one.symbols]) for one in given] == [(False, ["m:a"])]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (course("x", "m:a"), course("y", "m:a")),
        (course("x", "m:C"), course("y", "m:C.one")),
        (course("x", "m:C.one"), course("y", "m:C")),
        (course("x", "m:a"), course("y", "m:b", remove=("m:a",))),
        (course("x", "m:b", remove=("m:a",)), course("y", "m:a")),
        (course("x", "m:a", provides=("y",)), course("y", "m:a")),
    ],
    ids=["the same", "class and method", "method and class", "removed there", "removed here", "provided"],
)
def test_a_symbol_belongs_to_one_assignment_of_a_course(one: Manifest, other: Manifest) -> None:
    with pytest.raises(UsageError, match="a symbol belongs to one assignment of a course") as caught:
        emptied_for(one, [other], [])
    assert "\n" not in str(caught.value)
    assert "x" in str(caught.value)
    assert "y" in str(caught.value)


def test_neighbours_may_remove_one_helper_and_have_methods_of_one_class() -> None:
    found = emptied(course("x", "m:C.one", remove=("m:h",)), course("y", "m:C.two", remove=("m:h",)))
    assert found == [("y", ["m:C.two"], ["m:h"]), ("x", ["m:C.one"], ["m:h"])]


def test_provides_names_an_assignment() -> None:
    with pytest.raises(UsageError, match=r"x provides 'q', which is no assignment; there are x, z"):
        emptied_for(course("x", "m:a", provides=("q",)), [], [own("z", "m:b")])

"""Who is told to be near whom: copies and no others, whatever was given, is usual, or was done in a team."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from autograder.course.assignment import find_assignment, list_assignments
from autograder.similarity.code import given
from autograder.similarity.pairs import IDIOM_WORKS, LINES, Alike, alike
from autograder.similarity.prints import Work, template
from tests.autograder.grading_support import ROOT
from tests.autograder.similarity.disguises import ALL, renamed, talkative
from tests.autograder.similarity.invented import invented
from tests.autograder.similarity.made_class import TASKS, independent
from tests.autograder.similarity.test_tokens import work


def told(found: Alike) -> set[frozenset[str]]:
    near = {frozenset((pair.first.student, pair.second.student)) for pair in found.pairs}
    return near | {frozenset(one.student for one in group) for group in found.groups}


def text(seed: int, num_statements: int = 24) -> str:
    return invented("conv", random.Random(seed), num_statements)


def test_a_class_of_three_hundred_has_its_copies_and_no_other_pair() -> None:
    works = {f"s{seed:03d}": text(seed) for seed in range(300)}
    planted = set()
    for number in range(28):
        disguise = ALL[number % len(ALL)]
        works[f"s{299 - number:03d}"] = disguise(works[f"s{number:03d}"], random.Random(number))
        planted.add(frozenset((f"s{number:03d}", f"s{299 - number:03d}")))
    assert told(alike([work(source, name) for name, source in works.items()], frozenset(), {})) == planted


@pytest.mark.parametrize("task", TASKS)
def test_correct_variants_of_one_task_are_no_pairs(task: str) -> None:
    works = [work(code[task], student) for student, code in independent().items() if task in code]
    assert len(works) > 1
    found = alike(works, frozenset(), {}, lines=0)
    assert (found.num_works, told(found)) == (len(works), set())


@pytest.mark.parametrize("name", list_assignments(ROOT / "assignments"))
def test_in_a_homework_no_correct_variant_is_near_another_one(name: str) -> None:
    chosen = find_assignment(str(ROOT / "assignments" / name))
    known, num_works = template(given(chosen)), 0
    for task in chosen.manifest.tested:
        paths = sorted((chosen.folder / "wrong").glob(f"{task.id.lower()}_ok_*.py"))
        found = alike([work(path.read_text(), path.stem) for path in paths], known, {})
        assert told(found) == set()
        num_works += found.num_works
    assert num_works > 3


def test_shares_are_told_both_ways() -> None:
    short, more = text(1), text(2)
    found = alike([work(short), work(f"{short}\n\n\n{more}", "boris")], frozenset(), {})
    (pair,) = found.pairs
    assert pair.share == pair.shares[0] == 1 > pair.shares[1]


def test_short_code_is_not_compared() -> None:
    copies = [work(text(1, 8), name) for name in ("anna", "boris")]
    assert max(one.num_lines(frozenset()) for one in copies) <= LINES
    assert (alike(copies, frozenset(), {}).num_works, told(alike(copies, frozenset(), {}))) == (0, set())
    assert told(alike(copies, frozenset(), {}, lines=2)) == {frozenset(("anna", "boris"))}


def test_what_everybody_was_given_is_taken_away() -> None:
    given_text = text(3, 80)
    works = [work(f"{given_text}\n\n\n{text(seed)}", str(seed)) for seed in (4, 5)]
    assert told(alike(works, frozenset(), {}))
    assert not told(alike(works, template([given_text]), {}))


@pytest.mark.parametrize(
    ("num_holders", "is_told"), [(2, True), (IDIOM_WORKS, True), (IDIOM_WORKS + 1, False)]
)
def test_what_many_write_is_an_idiom_of_the_class(num_holders: int, is_told: bool) -> None:
    idiom = text(6, 80)
    small = (random.Random(seed) for seed in range(100, 130))
    works = [
        work(f"{idiom}\n\n\n{invented('other', rng, 6)}" if place < num_holders else text(place), str(place))
        for place, rng in enumerate(small)
    ]
    holders = {str(place) for place in range(num_holders)}
    pairs = {frozenset(pair) for pair in combinations(holders, 2)}
    assert told(alike(works, frozenset(), {})) == (pairs if is_told else set())


def test_the_very_same_is_told_however_many_have_it_and_hides_nothing_near_it() -> None:
    names = [f"copy{number}" for number in range(12)]
    works = [work(renamed(text(1), random.Random(place)), name) for place, name in enumerate(names)]
    works.append(work(talkative(text(1), random.Random(0)), "near"))
    found = alike(works, frozenset(), {})
    assert told(found) == {frozenset(names), frozenset(("copy0", "near"))}


def test_a_team_is_not_compared_with_itself_and_counts_once() -> None:
    teams = dict.fromkeys(("anna", "boris"), "team 1")
    works = [work(text(1), "anna"), work(talkative(text(1), random.Random(0)), "boris")]
    same = [work(text(2), "anna"), work(text(2), "boris")]
    assert told(alike(works, frozenset(), {}))
    assert told(alike(same, frozenset(), {}))
    assert not told(alike(works, frozenset(), teams))
    assert not told(alike(same, frozenset(), teams))
    third = work(renamed(text(1), random.Random(0)), "vera")
    assert frozenset(("boris", "vera")) in told(alike([*works, third], frozenset(), teams))


def test_nobody_and_one_are_no_pair() -> None:
    for works in ([], [work(text(1))], [Work.of("anna", ()), Work.of("boris", ())]):
        assert told(alike(works, frozenset(), {}, lines=0)) == set()

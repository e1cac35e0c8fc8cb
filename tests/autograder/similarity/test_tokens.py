"""A disguise leaves the measure as it is; other code is far away."""

from __future__ import annotations

import ast
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading.again.code import Piece
from autograder.similarity.pairs import alike
from autograder.similarity.prints import Work, prints, template
from autograder.similarity.tokens import parsed, rows
from tests.autograder.similarity.disguises import ALL, LEAVE_NOTHING, Disguise
from tests.autograder.similarity.invented import invented

SEEDS = st.integers(0, 10**6)


def work(source: str, student: str = "anna") -> Work:
    return Work.of(student, [Piece("cell 1", 1, source)])


def texts(source: str) -> list[str]:
    (tree,) = [parsed(source)]
    assert tree is not None
    return [token.text for row in rows([tree])[0] for token in row]


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, disguise=st.sampled_from(LEAVE_NOTHING))
def test_names_layout_numbers_and_order_of_functions_say_nothing(seed: int, disguise: Disguise) -> None:
    source = invented("conv", random.Random(seed))
    other = disguise(source, random.Random(seed + 1))
    assert ast.dump(ast.parse(other)) != ast.dump(ast.parse(source)) or disguise.__name__ != "renamed"
    assert work(source).prints == work(other).prints
    assert work(source).whole == work(other).whole
    assert work(source).num_lines(frozenset()) == work(other).num_lines(frozenset())


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, disguise=st.sampled_from(ALL))
def test_a_copy_in_any_disguise_is_near(seed: int, disguise: Disguise) -> None:
    source = invented("conv", random.Random(seed))
    found = alike([work(source), work(disguise(source, random.Random(seed)), "boris")], frozenset(), {})
    assert bool(found.groups) != bool(found.pairs)


@settings(max_examples=40, deadline=None)
@given(seeds=st.lists(SEEDS, min_size=2, max_size=2, unique=True))
def test_two_independent_texts_are_far_apart(seeds: list[int]) -> None:
    one, other = (work(invented("conv", random.Random(seed))).prints for seed in seeds)
    assert len(one & other) < 0.2 * min(len(one), len(other))


@given(st.text(max_size=200))
def test_any_text_is_read_or_is_nothing(text: str) -> None:
    tree = parsed(text)
    assert tree is None or all(token.line >= 1 for row in rows([tree])[0] for token in row)


def test_deep_nesting_costs_no_stack() -> None:
    assert parsed("(" * 5000 + ")" * 5000) is None
    assert len(texts("x = " + "-" * 60 + "y")) == 63
    assert len(texts("y = x" + ".a" * 80)) == 83


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = b.sum(0)", "c = d.sum(5)"),
        ("def f(a: int = 3) -> int:\n    '''Text.'''\n    return a", "def g(x):\n    return x"),
        (
            "class A:\n    def go(self):\n        self.k = 1\n",
            "class B:\n    def run(self):\n        self.z = 2\n",
        ),
        ("x: int = 3", "x = 3"),
        ("x = -1", "x = 1"),
        ("f'{a} of {b}'\ny = f'{a}'", "y = 'b'"),
        ("import numpy as np\ny = np.pad(x)", "import numpy\ny = numpy.pad(x)"),
    ],
)
def test_what_is_the_same(one: str, other: str) -> None:
    assert texts(one)[-3:] == texts(other)[-3:]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.sum()", "a.mean()"),
        ("a + b", "a - b"),
        ("a < b", "a > b"),
        ("a += b", "a -= b"),
        ("len(a)", "max(a)"),
        ("x = None", "x = True"),
        ("while a: b()", "if a: b()"),
    ],
)
def test_what_is_not_the_same(one: str, other: str) -> None:
    assert texts(one) != texts(other)


def test_lines_are_those_of_the_text_and_given_ones_do_not_count() -> None:
    given_text = "def f(x):\n    a = x.sum() + x.mean() * x.amax()\n    return a\n"
    more = "".join(f"    b{n} = a.flip({n})[{n}:] - x.roll(a)\n" for n in range(4))
    mine = work(given_text.replace("    return a\n", more + "    return a\n"))
    known = template([given_text])
    assert mine.num_lines(frozenset()) == 7
    assert mine.num_lines(known) < 7
    assert mine.lines(0, mine.prints) == {2, 3, 4, 5, 6, 7}
    assert mine.lines(0, known) <= {2, 3}
    assert mine.lines(0, ()) == frozenset()


def test_a_short_row_has_no_fingerprints() -> None:
    (found,) = rows([ast.parse("x = 1")])
    assert [prints(row) for row in found] == [[]]

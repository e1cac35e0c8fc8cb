"""What a page adds to a public sentence that alone would leave a student guessing: the dtype."""

from __future__ import annotations

import pytest

from autograder.grading.verdicts.ends import dtype_in
from autograder.grids.grid import Grid
from autograder.results.grade import Example
from autograder.text import Lang
from tests.autograder.grading.own_code import outcomes

DTYPE = "test_c1.py::test_dtype"
IN_FLOAT32 = """
from hw_cnn.layers import conv1d_lecture as reference

def conv1d_lecture(signal, kernel):
    return reference(signal.float(), kernel.float())
"""


@pytest.mark.parametrize(
    ("lang", "words"),
    [("ru", "Тип чисел float32, нужен float64."), ("en", "The dtype is float32, it should be float64.")],
)
def test_a_test_of_the_dtype_names_it(monkeypatch: pytest.MonkeyPatch, lang: Lang, words: str) -> None:
    found = outcomes(monkeypatch, IN_FLOAT32, [DTYPE], lang)[DTYPE]
    assert found.message.endswith(f"\n{words}")
    assert found.difference is not None
    assert found.difference.kind == "property"


def test_only_a_dtype_that_alone_differs_is_named() -> None:
    def example(got: Grid, expected: Grid) -> Example:
        return Example(arrays=(Grid(name="x"), got, expected))

    one, other = (
        Grid(role=role, shape=(2,), dtype=f"float{bits}") for role, bits in (("got", 32), ("expected", 64))
    )
    assert dtype_in(example(one, other), "en")
    assert dtype_in(None, "en") == dtype_in(Example(), "en") == ""
    for changed in ({"shape": (3,)}, {"dtype": "float64"}, {"dtype": "list"}):
        assert dtype_in(example(one.model_copy(update=changed), other), "en") == ""

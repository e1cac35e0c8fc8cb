"""Trees from a hostile worker: any JSON gives a value or ProtocolError."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.errors import ProtocolError
from autograder.wire.values import decode_tree
from tests.autograder.wire.support import json_values


@given(json_values)
def test_any_json_is_a_tree_or_refused(tree: object) -> None:
    with contextlib.suppress(ProtocolError):
        decode_tree(tree, lambda *_: None)


leaves = st.sampled_from(
    [None, 1, "a", 1.5, True, ["float", "nan"], ["float", "1"], ["tensor", "a"], [], [1], {}, 1 << 1000]
)
wrong_trees = st.recursive(
    leaves,
    lambda inner: (
        st.tuples(st.sampled_from(["list", "tuple", "dict", "set", ""]), st.lists(inner, max_size=3)).map(
            list
        )
        | st.tuples(st.just("dict"), st.lists(st.tuples(inner, inner).map(list), max_size=3)).map(list)
    ),
    max_leaves=20,
)


@settings(max_examples=500)
@given(wrong_trees)
def test_any_tree_that_looks_right_is_decoded_or_refused(tree: object) -> None:
    def leaf(tag: str, rest: list[Any]) -> str:
        if (tag, rest) != ("tensor", ["a"]):
            raise ProtocolError("no such leaf")
        return "leaf"

    with contextlib.suppress(ProtocolError):
        hash(repr(decode_tree(tree, leaf)))


@pytest.mark.parametrize(
    "tree",
    [
        ["list", [["list", [["list", [["list", [["list", [[]]]]]]]]]]],
        ["dict", [[["tuple", []], 1]]], ["dict", [[1]]], ["dict", [1]], ["dict", {"a": 1}], ["list", "abc"],
        ["list", [], []], ["list"], {}, [[]], 1 << 1000, -(1 << 1000), ["list", [1 << 2000]],
        ["dict", [[1 << 1000, 1]]],
    ],
)  # fmt: skip
def test_a_wrong_tree_is_refused(tree: object) -> None:
    with pytest.raises(ProtocolError):
        decode_tree(tree, lambda *_: None)


def test_keys_with_one_hash_cannot_stop_the_judge() -> None:
    """Equal hashes make a dict take time as the square of its length: 40,000 such keys fit into a header."""
    step = (1 << 61) - 1  # the modulus of hash() of an int
    assert len({hash(number * step) for number in range(5)}) == 1
    with pytest.raises(ProtocolError, match="too long"):
        decode_tree(["dict", [[number * step, 0] for number in range(1001)]], lambda *_: None)
    assert len(decode_tree(["dict", [[number * step, 0] for number in range(1000)]], lambda *_: None)) == 1000

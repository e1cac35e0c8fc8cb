"""Plain values as trees: what goes in comes out, and what the other side would refuse is kept whole."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autograder.wire.values import decode_tree, encode_tree

plain = st.none() | st.booleans() | st.integers(-(1 << 999), 1 << 999) | st.floats() | st.text(max_size=20)
keys = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 99), 1 << 99)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
)
trees = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(keys, inner, max_size=3)
    ),
)


@given(trees)
def test_a_tree_of_plain_values_round_trips(value: object) -> None:
    kept: list[object] = []

    def keep(item: object) -> list[Any]:
        kept.append(item)
        return ["handle", len(kept) - 1]

    text = json.dumps(encode_tree(value, keep))
    decoded = decode_tree(json.loads(text), lambda _, rest: kept[rest[0]])
    assert repr(decoded) == repr(value)  # repr, because NaN differs from itself and 1 equals True


def test_a_dict_that_the_other_side_would_refuse_is_kept_whole() -> None:
    assert encode_tree(dict.fromkeys(range(1001)), lambda _: "whole") == "whole"
    assert encode_tree(1 << 1000, lambda _: "whole") == "whole"
    longest = dict.fromkeys(range(1000))
    assert decode_tree(encode_tree(longest, lambda _: "whole"), lambda *_: None) == longest


def test_deep_and_self_containing_values_are_kept_whole() -> None:
    value: list[object] = []
    value.append(value)
    assert "handle" in json.dumps(encode_tree(value, lambda _: ["handle", 1, "list"]))

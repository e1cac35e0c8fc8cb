"""Hidden tests of M2, `nearest`: beside a sort of all cosines in float64, and on vectors whose cosines are exact.

Each looks at one property and is blind to the others: what nearness is, which way neighbours are sorted, and how rows
are numbered may each be read in another way (`Reading`) where a test is about something else.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from autograder.testing import as_tensor, randn

# Closer cosines than this could change places by rounding.
MARGIN = 1e-4


def _cosines(features: Tensor, query: int) -> Tensor:
    """Cosine between a row and all rows; 0 where a row is zero."""
    rows = features.double()
    lengths = rows.norm(dim=1)
    products = lengths * lengths[query]
    return torch.where(
        products > 0, rows @ rows[query] / products.clamp(min=1e-300), torch.zeros_like(products)
    )


class Reading(NamedTuple):
    """What a function may take nearness to be, whether the nearest comes first, and what numbers rows have."""

    nearness: Literal["cosine", "product", "distance"] = "cosine"
    nearest_first: bool = True
    among_others: bool = False  # rows counted without the query


ANY = tuple(
    itertools.starmap(
        Reading, itertools.product(("cosine", "product", "distance"), (True, False), (False, True))
    )
)
ANY_NEARNESS = tuple(reading for reading in ANY if reading.nearest_first)
ANY_ORDER = tuple(reading for reading in ANY if reading.nearness == "cosine")


def _nearness(features: Tensor, query: int, reading: Reading) -> list[float]:
    rows = features.double()
    if reading.nearness == "product":
        found = rows @ rows[query]
    elif reading.nearness == "distance":
        found = -(rows - rows[query]).norm(dim=1)
    else:
        found = _cosines(features, query)
    return (found if reading.nearest_first else -found).tolist()


def _expected(features: Tensor, query: int, k: int, reading: Reading) -> list[int]:
    """Row numbers by falling nearness, the lower number first among equals."""
    nearness = _nearness(features, query, reading)
    others = [row for row in range(len(nearness)) if row != query]
    found = sorted(others, key=lambda row: (-nearness[row], row))[:k]
    return [row - (row > query) for row in found] if reading.among_others else found


def _draw(rng, num: int, size: int, queries: int) -> tuple[Tensor, list[int]]:
    """Rows of very different lengths, and queries for which no two rows are equally near."""
    while True:
        lengths = torch.from_numpy(10 ** rng.uniform(-1.5, 1.5, (num, 1)))
        features = (lengths * randn(rng, num, size)).float()
        chosen = rng.permutation(num)[:queries].tolist()
        # With the cosine of a zero row among them.
        cosines = [torch.cat([_cosines(features, query), torch.zeros(1)]) for query in chosen]
        if min(float(row.sort().values.diff().min()) for row in cosines) > MARGIN:
            return features, chosen


def _ask(student, features: Tensor, queries: list[int], k: int) -> object:
    return student.nearest(features, torch.tensor(queries), k)


def _neighbours(answer: object, queries: list[int], k: int) -> list[list[int]]:
    found = as_tensor(answer, "neighbours")
    shape = (len(queries), k)
    assert tuple(found.shape) == shape, f"neighbours have shape {tuple(found.shape)}, expected {shape}"
    assert found.dtype == torch.int64, f"neighbours have dtype {found.dtype}, expected int64"
    return found.tolist()


def _check(
    student, cases: Sequence[tuple[Tensor, list[int], int]], readings: tuple[Reading, ...] = ANY
) -> None:
    """Ask for all cases (features, queries, k), then compare: what is not asked tells no mistakes apart."""
    for case, answer in [(case, _ask(student, *case)) for case in cases]:
        _check_answer(answer, *case, readings)


def _check_answer(
    answer: object, features: Tensor, queries: list[int], k: int, readings: tuple[Reading, ...]
) -> None:
    """Compare with the answers of all readings. Queries among their neighbours cost `test_self_is_excluded`."""
    found = _neighbours(answer, queries, k)
    pairs = list(zip(queries, found, strict=True))
    agrees = [
        all(_is_read(features, query, rows, k, reading) for query, rows in pairs) for reading in readings
    ]
    assert any(agrees), f"the neighbours are {found}"


def _is_read(features: Tensor, query: int, rows: list[int], k: int, reading: Reading) -> bool:
    right = _expected(features, query, k, reading)
    if reading.among_others:
        return rows == right
    others = [row for row in rows if row != query]
    return others == right[: len(others)] and len(others) >= k - 1


def test_cosine(rng, student):
    cases = [(*_draw(rng, num, size, 1), 4) for num, size in ((12, 5), (20, 3), (30, 40))]
    _check(student, cases, ANY_ORDER)


def test_order(rng, student):
    cases = []
    for k in (1, 3, 6):
        features, queries = _draw(rng, 15, 6, 1)
        # One length for all: here cosine, product and distance agree.
        cases.append((torch.nn.functional.normalize(features.double()).float(), queries, k))
    _check(student, cases, ANY_NEARNESS)


def test_self_is_excluded(rng, student):
    asked = []
    for _ in range(3):
        features, queries = _draw(rng, 12, 4, 3)
        asked += [(query, _ask(student, features, [query], 5)) for query in queries]
    for query, answer in asked:
        found = _neighbours(answer, [query], 5)[0]
        assert query not in found, "a query is among its own neighbours"
        assert len(set(found)) == 5, "a row comes twice among the neighbours"
        assert set(found) <= set(range(12)), "a neighbour is no number of a row"


def test_several_queries(rng, student):
    cases = [(*_draw(rng, 15, 6, queries), 3) for queries in (2, 7)]
    features, chosen, k = cases[-1]
    _check(student, [*cases, (features, [*chosen, chosen[0]], k)])


def _exact(rng, num: int) -> Tensor:
    """Rows along axes, with powers of two as lengths: every cosine is exactly -1, 0 or 1."""
    axes = rng.integers(0, 3, num)
    features = torch.zeros(num, 4)
    features[torch.arange(num), torch.from_numpy(axes)] = torch.from_numpy(
        rng.choice([-4.0, -0.5, 1.0, 2.0, 8.0], num)
    ).float()
    return features


def test_ties(rng, student):
    _check(student, [(_exact(rng, 14), rng.permutation(14)[:4].tolist(), 9) for _ in range(4)])


def test_copies_of_the_query(rng, student):
    features = _exact(rng, 16)
    first, second, query = rng.permutation(16)[:3].tolist()
    for copy in (first, second):
        features[copy] = features[query]
    some, every = (_ask(student, features, [query], k) for k in (6, 15))
    assert query not in _neighbours(some, [query], 6)[0], "a query with copies is among its own neighbours"
    assert {first, second} <= set(_neighbours(every, [query], 15)[0]), "a copy of the query is missing"


def test_all_rows(rng, student):
    _check(student, [(*_draw(rng, 10, 4, 3), 9), (*_draw(rng, 2, 4, 2), 1)])


def test_zero_row(rng, student):
    features, chosen = _draw(rng, 10, 4, 2)
    zero = next(row for row in range(10) if row not in chosen)
    features[zero] = 0
    _check(student, [(features, chosen, 9)])

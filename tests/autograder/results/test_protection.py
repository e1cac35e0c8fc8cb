"""What contained a student's code is told in the reader's language, whatever the machine could do."""

from __future__ import annotations

import re

import pytest

from autograder.results.protection import FILES_NOT_HIDDEN, GAPS, LAYERS, gap_in_words, layer_in_words
from autograder.sandbox.host import bare, tiers, zygote_client
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.kernel import namespaces

pytest_plugins = ["tests.autograder.sandbox_support"]

CYRILLIC = re.compile("[а-яё]")
PROPER_NAMES = {"Landlock", "seccomp"}


def test_the_layers_of_this_machine_are_known(zygote: ZygoteClient) -> None:
    assert len(zygote.report.layers) > 10
    assert set(zygote.report.layers) <= {*LAYERS, *PROPER_NAMES}


def test_the_layers_of_any_machine_are_known() -> None:
    assert {*zygote_client.OUTER_LAYERS, *bare.OUTER_LAYERS, *namespaces.OF_A_WORKER} <= set(LAYERS)


@pytest.mark.parametrize("name", [*LAYERS, *sorted(PROPER_NAMES)])
def test_a_layer_in_words(name: str) -> None:
    assert layer_in_words(name, "en") == name
    assert CYRILLIC.search(layer_in_words(name, "ru")) or name in PROPER_NAMES


@pytest.mark.parametrize("tier", tiers.TIERS)
def test_the_gaps_of_a_tier_are_known(tier: str) -> None:
    found = tiers.gaps(tier)
    assert found
    assert set(found) <= set(GAPS)
    assert set(found) - set(tiers.gaps(tier, memory_limited=True)) == {"memory"}


def test_gaps_in_words() -> None:
    assert gap_in_words("network", "en") == "the network can be reached"
    assert gap_in_words("network", "ru") == "от выхода в сеть"
    assert gap_in_words("of another version", "ru") == "of another version"


def test_tiers_in_words() -> None:
    assert layer_in_words(FILES_NOT_HIDDEN, "ru") == "C: файлы не скрыты"
    assert [layer_in_words(tiers.shown(tier), "ru") for tier in ("A", "A-", "B")] == ["A", "A-", "B"]

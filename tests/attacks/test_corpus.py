"""The corpus itself: enough attacks, of every family, each with a header that the other tests understand."""

from __future__ import annotations

import pytest

from tests.attacks.headers import KINDS, Attack, corpus, parse
from tests.attacks.naive_intake import STYLES
from tests.attacks.uploads import UPLOADS

FAMILIES = {
    "files", "memory", "signals", "processes", "protocol", "exits", "hangs", "disk", "output", "network", "kernel",
    "patches", "results", "persistence", "values",
}  # fmt: skip
CONTROLS = {"in-process", "channel", "root", "user", "alone"}


def test_there_are_enough_of_every_family() -> None:
    attacks = corpus()
    assert {attack.family for attack in attacks.values()} == FAMILIES
    assert len(attacks) + len(UPLOADS) >= 200
    numbers = [*attacks, *(item.number for item in UPLOADS)]
    assert len(set(numbers)) == len(numbers)
    assert {item.control for item in UPLOADS} <= {"", *STYLES}


@pytest.mark.parametrize("attack", corpus().values(), ids=lambda attack: attack.student)
def test_its_header_makes_sense(attack: Attack) -> None:
    assert attack.evidence in KINDS
    assert attack.control in CONTROLS
    assert attack.when in ("import", "call", "own")
    assert set(attack.gaps) <= {"B"}, "in tiers A and A- nothing may work"
    assert attack.after is None or attack.after in corpus()
    assert "{" not in attack.source.partition('"""')[0]
    compile(attack.solution({"token": "x"}), attack.student, "exec")


def test_a_header_without_evidence_is_refused(tmp_path) -> None:
    path = tmp_path / "001_nothing.py"
    path.write_text('"""001 files: nothing."""\n\n\ndef attack():\n    pass\n')
    with pytest.raises(ValueError, match=r"001_nothing\.py: the header"):
        parse(path)

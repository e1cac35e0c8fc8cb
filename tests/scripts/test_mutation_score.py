"""The score of mutation testing: counted by module, and too low a score is a failure."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.machines import ROOT


def score(*lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "mutation_score.py"],
        input="\n".join(lines), capture_output=True, text=True, check=False,
    )  # fmt: skip


def mutants(module: str, **numbers: int) -> list[str]:
    """Lines of `mutmut results --all true`: so many mutants of a function and of a method that ended so."""
    return [
        f"    {module}.{'x_f' if number % 2 else 'xǁCǁf'}__mutmut_{number}: {status.replace('_', ' ')}"
        for status, many in numbers.items()
        for number in range(many)
    ]


@pytest.mark.parametrize(("survivors", "returncode"), [(0, 0), (1, 0), (2, 1), (10, 1)])
def test_nine_of_ten_must_be_noticed(survivors: int, returncode: int) -> None:
    done = score("noise", *mutants("a.b", killed=10 - survivors, survived=survivors))
    assert done.returncode == returncode, done.stdout
    assert f"{100 - 10 * survivors}.0 %" in done.stdout


def test_a_mutant_that_never_ends_was_noticed_and_one_without_tests_was_not() -> None:
    assert score(*mutants("a.b", timeout=3, segfault=1)).returncode == 0
    assert score(*mutants("a.b", no_tests=1, skipped=1, suspicious=1, not_checked=1)).returncode == 1


def test_every_module_has_a_line() -> None:
    done = score(*mutants("a.b", killed=19), *mutants("a.c", survived=1, no_tests=1, killed=2))
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines == [
        ["a.b", "19", "100.0", "%"],
        ["a.c", "4", "50.0", "%", "1", "no", "tests,", "1", "survived"],
        ["all", "23", "91.3", "%", "1", "no", "tests,", "1", "survived"],
    ]
    assert done.returncode == 0


def test_nothing_planted_is_no_success() -> None:
    done = score("nothing here")
    assert done.returncode == 2
    assert "no mutants on standard input" in done.stderr

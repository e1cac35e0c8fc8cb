"""Loading statements that are only tried: those that take too long are left out and named, and a clean worker loads
the rest.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from autograder.intake.load_plan import Statement
from autograder.remote import loading
from autograder.remote.failures import StudentCrashed, StudentError
from autograder.remote.loading import Clock
from tests.autograder.remote.support import Loader, piece

pytest_plugins = ["tests.autograder.sandbox_support"]

LIST = piece("a = []", names=("a",))
VALUE = piece("def value():\n    return [*a]", ("value",))
DOUBLE = piece("def double(x):\n    return 2 * x", ("double",))
BUSY = "import time\n_end = time.process_time() + {seconds}\nwhile time.process_time() < _end:\n    pass"
ENDLESS = "while True:\n    pass"


def tried(
    source: str, number: int = 2, names: tuple[str, ...] = (), binds: tuple[str, ...] = ()
) -> Statement:
    return piece(source, binds, names=names, tried=True, place=f"code cell {number}")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets of a test."""
    monkeypatch.setattr(loading, "TRY_S", 0.3)
    monkeypatch.setattr(loading, "ALL_TRIES_S", 5.0)
    monkeypatch.setattr(loading, "TRY_WALL_S", 1.5)


def test_a_statement_within_its_budget_has_run(loader: Loader) -> None:
    report = loader(LIST, tried("a.append(1)"), VALUE, binds=("value",))
    assert loader.student(report).value() == [1]
    assert (report.left_out, report.failures, loader.spawned) == ([], {}, 1)


def test_a_statement_over_its_budget_is_left_out_and_named(loader: Loader, short: None) -> None:
    slow = tried(f"a.append(1)\n{ENDLESS}", 7)
    report = loader(LIST, slow, tried("a.append(2)"), VALUE, binds=("value",), load_s=10.0)
    assert loader.student(report).value() == [2], "nothing of the slow one is there"
    assert [text.en for text in report.left_out] == [
        "code cell 7, line 1: left out while loading, it took more than 0.3 s of processor time"
    ]
    assert (report.failures, report.unavailable) == ({}, {})
    assert (report.timed_out, report.crashed) == (False, False), "it costs nothing else"
    assert loader.spawned == 2, "the second worker is clean"


def test_several_slow_statements_cost_one_worker(loader: Loader, short: None) -> None:
    slow = [tried(f"a.append({number})\n{ENDLESS}", number) for number in (1, 2, 3)]
    report = loader(LIST, *slow, VALUE, binds=("value",), load_s=10.0)
    assert loader.student(report).value() == []
    assert [text.en.split(",")[0] for text in report.left_out] == [
        "code cell 1",
        "code cell 2",
        "code cell 3",
    ]
    assert loader.spawned == 2


def test_an_ordinary_exception_costs_the_statement_only(loader: Loader) -> None:
    report = loader(LIST, tried("a.append(1); 1 / 0"), VALUE, binds=("value",))
    assert loader.student(report).value() == [1], "as in Jupyter"
    assert report.left_out == []
    assert [type(failure) for failure in report.failures.values()] == [StudentError]
    assert loader.spawned == 1


def test_all_tries_together_have_a_budget(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "ALL_TRIES_S", 0.5)
    steps = [tried(f"{BUSY.format(seconds=0.3)}\na.append({number})", number) for number in range(1, 7)]
    report = loader(LIST, *steps, VALUE, binds=("value",), load_s=20.0)
    ran = loader.student(report).value()
    assert ran in ([1], [1, 2])
    assert [text.en.split(",")[0] for text in report.left_out] == [
        f"code cell {number}" for number in range(len(ran) + 1, 7)
    ]
    assert report.left_out[0].en.endswith(
        "line 1: left out while loading, the 0.5 s for such statements were used up before"
    )
    assert loader.spawned == 2


def test_a_loop_over_its_budget_binds_nothing(loader: Loader, short: None) -> None:
    loop = tried("for k in iter(int, 1):\n    pass", 3, names=("k",))
    report = loader(loop, piece("def value():\n    return k", ("value",)), binds=("value",), load_s=10.0)
    with pytest.raises(StudentError) as caught:
        loader.student(report).value()
    assert caught.value.kind == "NameError"
    assert caught.value.said("en").startswith(
        "code cell 3, line 1: left out while loading, it took more than"
    )
    assert caught.value.said("ru").startswith("code cell 3, строка 1: не выполнено при загрузке")


def test_a_loop_over_its_budget_that_was_to_bind_a_symbol_is_the_reason(loader: Loader, short: None) -> None:
    loop = tried("while True:\n    def value(): return 1", 3, binds=("value",))
    report = loader(loop, DOUBLE, binds=("value", "double"), load_s=10.0)
    student = loader.student(report)
    with pytest.raises(StudentError) as caught:
        student.value()
    assert caught.value.said("en").startswith(
        "code cell 3, line 1: left out while loading, it took more than"
    )
    assert student.double(2) == 4


def test_a_symbol_keeps_the_value_that_it_had_before_a_loop_over_its_budget(
    loader: Loader, short: None
) -> None:
    loop = tried("while True:\n    def double(x): return 0", binds=("double",))
    report = loader(DOUBLE, loop, binds=("double",), load_s=10.0)
    assert loader.student(report).double(3) == 6


@pytest.mark.parametrize(
    "source",
    [
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF, signal.SIGALRM})\nwhile True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    ],
)
def test_a_statement_that_hears_no_alarm_is_ended_from_outside(
    loader: Loader, short: None, source: str
) -> None:
    started = time.monotonic()
    report = loader(LIST, tried(f"a.append(1)\n{source}"), VALUE, binds=("value",), load_s=30.0)
    assert time.monotonic() - started < 20, "long before the time for loading is over"
    assert loader.student(report).value() == []
    assert [text.en.split(":")[1] for text in report.left_out] == [
        " left out while loading, it took more than 0.3 s of processor time"
    ]
    assert (report.timed_out, loader.spawned) == (False, 2)


def test_what_ran_in_the_trial_also_runs_in_the_clean_worker(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be slower there: it is not left out for that."""
    monkeypatch.setattr(loading, "TRY_S", 0.6)
    monkeypatch.setattr(loading, "ALL_TRIES_S", 5.0)
    endless = tried(f"trial = True\n{ENDLESS}", 1)
    later = tried(BUSY.format(seconds="(0.1 if 'trial' in globals() else 0.8)") + "\na.append(1)", 2)
    report = loader(LIST, endless, later, VALUE, binds=("value",), load_s=20.0)
    assert loader.student(report).value() == [1]
    assert [text.en.split(",")[0] for text in report.left_out] == ["code cell 1"]
    assert loader.spawned == 2


def test_a_crash_of_a_tried_statement_is_a_crash(loader: Loader) -> None:
    report = loader(LIST, tried("import os\nos._exit(3)", names=("b",)), VALUE, binds=("value",))
    assert loader.student(report).value() == []
    assert (report.crashed, report.left_out, loader.spawned) == (True, [], 2)


# --- The time of all workers.


def test_workers_share_the_time_of_a_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(loading, "time", SimpleNamespace(monotonic=lambda: now[0]))
    clock = Clock(10.0)
    assert clock.worker_ends(0) == 110
    now[0] = 110
    assert [clock.worker_ends(number) for number in (0, 1, 4)] == [120, 115, 115]
    now[0] = 116
    assert [clock.worker_ends(number) for number in (0, 1)] == [120, 118]
    assert not clock.is_over
    now[0] = 120
    assert clock.is_over
    assert clock.worker_ends(1) == 120
    now[0] = 101
    assert clock.worker_ends(1) == 110.5, "half of what is left, and no more than one worker has"
    now[0] = 100
    assert Clock(10.0).worker_ends(1) == 110


@pytest.mark.parametrize("is_tried", [False, True])
def test_many_slow_statements_end_in_time(loader: Loader, is_tried: bool) -> None:
    """2,000 of them would take 100 seconds."""
    slow = [piece("import time; time.sleep(0.05)", tried=is_tried) for _ in range(2000)]
    started = time.monotonic()
    report = loader(DOUBLE, *slow, VALUE, binds=("double", "value"), load_s=1.0)
    assert time.monotonic() - started < 10
    assert loader.spawned <= loading.MAX_WORKERS
    student = loader.student(report)
    for call in (student.value, lambda: student.double(1)):
        with pytest.raises(StudentCrashed, match="loading was given up"):
            call()

"""The alarm rings where a statement is that takes too long, and never elsewhere."""

from __future__ import annotations

import importlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.sandbox.runner.alarm import WALL_TIMES, OverBudget, alarm

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no such timers")
SIGNALS = (signal.SIGPROF, signal.SIGALRM)
TIMERS = (signal.ITIMER_PROF, signal.ITIMER_REAL)


@pytest.fixture(autouse=True)
def handlers_of_a_test() -> Iterator[dict[int, object]]:
    """Handlers that are none of the alarm's. A timer of pytest's own is set again in the end."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    left, again = signal.getitimer(signal.ITIMER_REAL)
    handlers = {number: lambda *_: pytest.fail("it rang outside of the block") for number in SIGNALS}
    for number, handler in handlers.items():
        signal.signal(number, handler)
    yield handlers
    for timer in TIMERS:
        signal.setitimer(timer, 0)
    for number, handler in before.items():
        signal.signal(number, handler)
    signal.setitimer(signal.ITIMER_REAL, left, again)


def spin(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_block_within_its_budget_runs_to_its_end(handlers_of_a_test: dict[int, object]) -> None:
    with alarm(0.3):
        spin(0.01)
        done = True
    assert done
    assert {number: signal.getsignal(number) for number in SIGNALS} == handlers_of_a_test
    assert [signal.getitimer(timer) for timer in TIMERS] == [(0.0, 0.0)] * 2
    spin(0.5)  # nothing rings any more


def test_an_endless_block_ends_where_it_is() -> None:
    steps = []

    def endless() -> None:
        steps.append(1)
        spin(5)
        steps.append(2)

    started = time.process_time()
    with pytest.raises(OverBudget), alarm(0.1):
        endless()
    assert steps == [1]
    assert time.process_time() - started > 0.08
    assert [signal.getitimer(timer) for timer in TIMERS] == [(0.0, 0.0)] * 2


def test_after_an_alarm_the_next_has_its_own_budget(handlers_of_a_test: dict[int, object]) -> None:
    with pytest.raises(OverBudget), alarm(0.05):
        spin(5)
    with alarm(1.0):
        spin(0.1)
    with pytest.raises(OverBudget), alarm(0.05):
        spin(5)
    assert {number: signal.getsignal(number) for number in SIGNALS} == handlers_of_a_test


def test_a_block_that_catches_exceptions_lets_it_pass() -> None:
    caught = []

    def careless() -> None:
        try:
            spin(5)
        except Exception as error:
            caught.append(error)

    with pytest.raises(OverBudget), alarm(0.05):
        careless()
    assert caught == []


def test_a_block_that_catches_it_gets_it_again() -> None:
    caught = []

    def stubborn() -> None:
        for _ in range(3):
            try:
                spin(5)
            except BaseException as error:
                caught.append(type(error))
        spin(5)

    with pytest.raises(OverBudget), alarm(0.05):
        stubborn()
    assert caught == [OverBudget] * 3


def test_sleep_takes_no_processor_time_but_not_for_ever() -> None:
    with alarm(0.2):
        time.sleep(0.3)
    started = time.monotonic()
    with pytest.raises(OverBudget), alarm(0.1):
        time.sleep(5)
    assert WALL_TIMES * 0.1 <= time.monotonic() - started < 4


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_of_the_block_passes_and_ends_the_watch(
    handlers_of_a_test: dict[int, object], error: type[BaseException]
) -> None:
    with pytest.raises(error), alarm(0.1):
        raise error
    assert {number: signal.getsignal(number) for number in SIGNALS} == handlers_of_a_test
    spin(0.3)


def test_outside_of_the_main_thread_nothing_watches() -> None:
    finished = []

    def work(action: Callable[[], None]) -> None:
        with alarm(0.05):
            action()
        finished.append(True)

    thread = threading.Thread(target=work, args=(lambda: spin(0.3),))
    thread.start()
    thread.join()
    assert finished == [True]


SLOW_MODULE = """
import time
end = time.process_time() + {seconds}
while time.process_time() < end:
    pass
done = True
"""


def slow_module(folder: Path, seconds: float, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"slow_{str(seconds).replace('.', '_')}"
    (folder / f"{name}.py").write_text(SLOW_MODULE.format(seconds=seconds), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    return name


def test_an_import_comes_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stops half-way would leave a broken module to all that follows."""
    name = slow_module(tmp_path, 0.35, monkeypatch)
    with alarm(0.1):
        module = importlib.import_module(name)
    assert module.done
    with pytest.raises(OverBudget), alarm(0.1):
        spin(5)


def test_an_endless_import_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = slow_module(tmp_path, 60.0, monkeypatch)
    started = time.process_time()
    with pytest.raises(OverBudget), alarm(0.05):
        importlib.import_module(name)
    assert time.process_time() - started < 30

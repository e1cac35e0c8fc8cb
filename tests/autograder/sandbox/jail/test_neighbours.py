"""Processes and threads of one worker are no limit of another: as root by users, as an ordinary user by namespaces."""

from __future__ import annotations

import json

import pytest

from autograder.sandbox.host.probe import OWN_COUNT, OWN_USER, probe
from tests.autograder.sandbox_support import LIMITS, Lab, run_as_nobody
from tests.machines import needs_user_namespaces

pytest_plugins = ["tests.autograder.sandbox_support"]

BOMB = """
import os, time
def bomb():
    started = 0
    while started < 500:
        try:
            pid = os.fork()
        except BlockingIOError:
            break
        if pid == 0:
            time.sleep(60)
            os._exit(0)
        started += 1
    return started
"""
WORK = """
import threading, time
def work(number):
    threads = [threading.Thread(target=time.sleep, args=(0.2,)) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(threads)
"""


def a_bomb_beside_a_neighbour(lab: Lab) -> None:
    """The neighbour was there first: what runs when a worker is made must not decide, nor what starts later."""
    before = lab()
    before.run(WORK)
    bomb = lab()
    bomb.run(BOMB)
    started = bomb.value("bomb()", timeout_s=20.0)
    # The judge's watch, too, ends who has more; the kernel is to be quicker.
    assert 0 < started < LIMITS.processes, started
    after = lab()
    after.run(WORK)
    for neighbour in (before, after):
        assert neighbour.value(f"work({LIMITS.processes - 1})", timeout_s=20.0) == LIMITS.processes - 1
    assert any("processes" in layer for layer in before.worker.layers)


def a_neighbour_fills_its_own_limit(lab: Lab) -> None:
    bombs = [lab(), lab()]
    for bomb in bombs:
        bomb.run(BOMB)
    assert [bomb.value("bomb()", timeout_s=20.0) for bomb in bombs] == [LIMITS.processes - 1] * 2


SCENARIOS = {
    scenario.__name__: scenario for scenario in (a_bomb_beside_a_neighbour, a_neighbour_fills_its_own_limit)
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_present_user(lab: Lab, name: str) -> None:
    if not (probe().has(OWN_USER) or probe().has(OWN_COUNT)):
        pytest.skip(
            "this machine counts the processes of all workers together; `grade` takes one at a time there"
        )
    SCENARIOS[name](lab)


def test_an_ordinary_user() -> None:
    needs_user_namespaces(by="user")
    code = """
        from tests.autograder.sandbox.jail.test_neighbours import SCENARIOS
        from tests.autograder.sandbox_support import print_verdicts
        print_verdicts(SCENARIOS)
    """
    assert json.loads(run_as_nobody(code)) == dict.fromkeys(SCENARIOS, "ok")

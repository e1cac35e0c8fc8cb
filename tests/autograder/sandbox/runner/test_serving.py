"""What every worker does: it prepares itself, and answers until its pipe closes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.serving import serve
from autograder.wire.channel import Channel
from autograder.wire.frames import Arrays, Message
from tests.autograder.sandbox_support import Lab, Runner

pytest_plugins = ["tests.autograder.sandbox_support"]

NET = """
import torch
from torch import nn
net = nn.Linear(2, 2)
def function(x): return x + 1
"""


@pytest.fixture
def runner(lab: Lab) -> Runner:
    return lab()


@pytest.mark.parametrize(
    ("before", "expression"),
    [
        ("", "torch.compile(net) is net"),
        ("", "torch.compile(net, mode='max-autotune', fullgraph=True) is net"),
        ("", "torch.compile(model=net) is net"),
        ("", "torch.compile(function)(1) == 2"),
        ("@torch.compile\ndef f(x): return 2 * x", "f(3) == 6 and f.__name__ == 'f'"),
        ("@torch.compile()\ndef f(x): return 2 * x", "f(3) == 6"),
        ("@torch.compile(dynamic=True)\ndef f(x): return 2 * x", "f(3) == 6"),
        ("@torch.compile\nclass Net(nn.Module): pass", "isinstance(Net, type)"),
        ("net.compile()", "net(torch.ones(2)).shape == (2,)"),
        ("net.compile(mode='default')", "net(torch.ones(2)).shape == (2,)"),
    ],
)
def test_compiling_gives_the_thing_as_it_is(runner: Runner, before: str, expression: str) -> None:
    assert runner.run(f"{NET}\n{before}")["ok"]
    assert runner.value(expression) is True


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("__name__", "__main__"),
        ("torch.get_num_threads()", 1),
        ("type(pickle.loads(pickle.dumps(Own()))) is Own", True),
        ("Own.__module__", "__main__"),
        ("sys.modules['__main__'].Own is Own", True),
    ],
)
def test_a_notebook_is_the_main_module(runner: Runner, expression: str, expected: object) -> None:
    assert runner.run("import pickle, sys, torch\nclass Own: pass")["ok"]
    assert runner.value(expression) == expected


def test_two_workers_draw_the_same_numbers(lab: Lab) -> None:
    source = "import random, numpy, torch"
    drawn = []
    for _ in range(2):
        runner = lab()
        assert runner.run(source)["ok"]
        drawn.append(runner.value("[random.random(), float(numpy.random.rand()), float(torch.rand(()))]"))
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 3


# --- Answering.


@dataclass
class Judge:
    """The other end of the pipes of an executor that serves in a thread."""

    channel: Channel
    codes: list[int]
    hang_up: Callable[[], None]

    def ask(self, request: Message, reply_bytes: int = 10_000) -> tuple[Message, Arrays]:
        self.channel.send(
            {"nonce": "n1", "request": request, "reply_bytes": reply_bytes}, {"x": np.arange(100.0)}
        )
        answer, arrays = self.channel.receive()
        assert answer["nonce"] == "n1"
        reply: dict[str, Any] = answer["reply"]
        return reply, arrays


@pytest.fixture
def judge(executor: Executor) -> Iterator[Judge]:
    (request_read, request_write), (reply_read, reply_write) = os.pipe(), os.pipe()
    codes: list[int] = []
    channel = Channel(request_read, reply_write, None)
    thread = threading.Thread(target=lambda: codes.append(serve(channel, executor)))
    thread.start()

    def hang_up() -> None:
        os.close(request_write)
        thread.join(timeout=60)

    judge = Judge(Channel(reply_read, request_write, None), codes, hang_up)
    yield judge
    if not codes:
        hang_up()
    for descriptor in (request_read, reply_read, reply_write):
        os.close(descriptor)


def test_requests_are_answered_until_the_pipe_closes(judge: Judge) -> None:
    for _ in range(2):
        reply, arrays = judge.ask({"op": "echo"})
        assert reply == {"ok": True, "values": {"out": None}}
        assert arrays["x"].tolist() == list(range(100))
    judge.hang_up()
    assert judge.codes == [0]


@pytest.mark.parametrize(
    ("request_", "reply_bytes"), [({"op": "echo"}, 100), ({"op": "unknown"}, 10_000), ({}, 10_000)]
)
def test_an_answer_that_cannot_be_sent_is_said_and_the_worker_lives_on(
    judge: Judge, request_: Message, reply_bytes: int
) -> None:
    reply, arrays = judge.ask(request_, reply_bytes)
    assert (reply["ok"], reply["error"]["type"], dict(arrays)) == (False, "ReturnedValueError", {})
    assert reply["error"]["text"].startswith("the answer cannot be sent: ")
    assert judge.ask({"op": "echo"})[0]["ok"] is True

"""Limits bind, and nothing of a worker survives it: attacks run as root's workers and as an ordinary user's."""

from __future__ import annotations

import json

import numpy as np
import pytest

from autograder.sandbox.kernel import processes
from autograder.wire.errors import ProtocolError, WorkerCrashed, WorkerTimeout
from tests.autograder.sandbox.support import FORKS
from tests.autograder.sandbox_support import Lab, gone, outside, run_as_nobody

pytest_plugins = ["tests.autograder.sandbox_support"]


def refused(kind: type[Exception], pattern: str, lab: Lab, source: str, **limits: object) -> None:
    runner = lab(**limits)
    with pytest.raises(kind, match=pattern):
        runner.run(source, timeout_s=20.0)
    assert gone([runner.worker.pid])


def exit_0(lab: Lab) -> None:
    refused(WorkerCrashed, "ended itself with status 0", lab, "import os; os._exit(0)")


def segmentation_fault(lab: Lab) -> None:
    refused(WorkerCrashed, "signal 11", lab, "import ctypes; ctypes.string_at(0)")


def closed_pipe(lab: Lab) -> None:
    refused(WorkerCrashed, "closed its connection", lab, "import os, time; os.close(4); time.sleep(60)")


def closed_everything_and_gone_to_background(lab: Lab) -> None:
    source = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\ntime.sleep(60)"
    refused(WorkerCrashed, "status 0", lab, source)


def ignored_signals(lab: Lab) -> None:
    runner = lab()
    source = """
        import signal, time
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: time.sleep(1)
    """
    with pytest.raises(WorkerTimeout, match=r"no answer within 0\.3 s"):
        runner.run(source, timeout_s=0.3)
    assert gone([runner.worker.pid])


def loop_without_bytecode(lab: Lab) -> None:
    runner = lab()
    with pytest.raises(WorkerTimeout, match="no answer"):
        runner.run("print(10 ** 10 ** 9)", timeout_s=0.5)  # one operation: no signal handler would run
    assert gone([runner.worker.pid])


def processor_time(lab: Lab) -> None:
    runner = lab()
    runner.run("def spin():\n    while True: pass")
    with pytest.raises(WorkerTimeout, match=r"more than 0\.3 s of processor time"):
        runner.value("spin()", timeout_s=20.0, cpu_s=0.3)


def processor_time_of_children(lab: Lab) -> None:
    runner = lab()
    runner.run(
        "import os, time\ndef spin():\n    if os.fork():\n        time.sleep(60)\n    while True: pass"
    )
    with pytest.raises(WorkerTimeout, match=r"more than 0\.3 s of processor time"):
        runner.value("spin()", timeout_s=20.0, cpu_s=0.3)


def memory(lab: Lab) -> None:
    source = "import time\nkept = []\nwhile True:\n    kept.append(bytearray(b'x' * (1 << 23)))\n    time.sleep(.005)"
    refused(WorkerCrashed, "memory limit of 300 MB exceeded", lab, source)


def memory_at_once(lab: Lab) -> None:
    reply = lab().run("import torch\nx = torch.ones(1 << 32)")
    assert not reply["ok"]
    assert "allocate memory" in reply["error"]["text"]


def memory_of_children(lab: Lab) -> None:
    source = """
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                kept = bytearray(b"x" * (60 << 20))
                time.sleep(60)
        time.sleep(60)
    """
    refused(WorkerCrashed, "memory limit of 300 MB exceeded", lab, source)


def fork_bomb(lab: Lab) -> None:
    runner = lab()
    runner.run(FORKS)
    pids = [outside(runner.worker, pid) for pid in runner.value("forks()", timeout_s=20.0)]
    assert 5 <= len(pids) <= 50
    runner.worker.close()
    assert gone([runner.worker.pid, *pids], within_s=0.1)


def exploding_forks(lab: Lab) -> None:
    runner = lab()
    with pytest.raises((WorkerTimeout, WorkerCrashed)):
        runner.run("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", timeout_s=1.0)
    assert gone([runner.worker.pid])
    if runner.worker.uid is not None:
        assert not [pid for pid in processes.pids() if processes.owner(pid) == runner.worker.uid]
    assert processes.children(lab.zygote.pid) == []


DAEMON = """
import os, signal, time
def daemon(restless):
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        os.write(write, str(os.getpid()).encode())
        while True:
            if not restless:
                time.sleep(60)
            elif os.fork():
                os._exit(0)
    return int(os.read(read, 20))
"""


def daemon(lab: Lab) -> None:
    runner = lab()
    runner.run(DAEMON)
    pid = outside(runner.worker, runner.value("daemon(False)"))
    runner.worker.close()
    assert gone([pid, runner.worker.pid], within_s=0.1)


def daemon_while_worker_lives(lab: Lab) -> None:
    runner = lab()
    runner.run(DAEMON)
    inside = runner.value("daemon(False)")
    pid = outside(runner.worker, inside)
    if pid == inside:  # it has become the zygote's child and is swept; in a namespace it stays the worker's
        assert gone([pid])
    assert runner.value("6 * 7") == 42
    runner.worker.close()
    assert gone([pid], within_s=0.1)


def daemon_that_keeps_forking_itself_away(lab: Lab) -> None:
    runner = lab()
    runner.run(DAEMON)
    runner.value("daemon(True)")
    runner.worker.close()
    assert processes.children(lab.zygote.pid) == []


def child_keeps_the_pipe(lab: Lab) -> None:
    runner = lab()
    runner.run(FORKS)
    with pytest.raises(WorkerCrashed, match="status 3"):
        runner.value("os._exit(3) if os.fork() else time.sleep(60)", timeout_s=20.0)
    assert processes.children(lab.zygote.pid) == []


def answer_before_the_question(lab: Lab) -> None:
    runner = lab()
    source = """
        import json, os, struct
        def forge(nonce):
            inner = json.dumps({"nonce": nonce, "reply": {"ok": True, "values": {}}})
            header = json.dumps({"__metadata__": {"message": inner}}).encode()
            os.write(4, struct.pack("<Q", len(header)) + header)
        forge("1")
    """
    with pytest.raises(ProtocolError, match="belongs to no request"):
        runner.run(source)
    assert gone([runner.worker.pid])


def second_answer(lab: Lab) -> None:
    runner = lab()
    runner.run(
        """
        import gc, json, os, struct, sys
        def forge():
            frame = sys._getframe()
            while "nonce" not in frame.f_locals:
                frame = frame.f_back
            inner = json.dumps({"nonce": frame.f_locals["nonce"], "reply": {"ok": True, "values": {"out": 1}}})
            header = json.dumps({"__metadata__": {"message": inner}}).encode()
            os.write(4, struct.pack("<Q", len(header)) + header)
        """
    )
    # The forged answer is one the student could have returned; what follows it gives it away.

    def two_calls() -> None:
        runner.value("forge()")
        runner.value("1")

    with pytest.raises(ProtocolError, match=r"bytes arrived|belongs to no request"):
        two_calls()


@pytest.mark.parametrize("garbage", ["b'\\xff' * 4096", "b'\\x02' + b'\\0' * 7 + b'[]'", "b'\\0' * 64"])
def test_garbage_is_no_answer(lab: Lab, garbage: str) -> None:
    refused(ProtocolError, "header", lab, f"import os, time; os.write(4, {garbage}); time.sleep(60)")


def large_answer(lab: Lab) -> None:
    """As large as its question allows: 64 MB, and more for who was sent more."""
    runner = lab(memory_mb=2048)
    runner.run("import torch\ndef much(x):\n    return torch.zeros(70 << 20, dtype=torch.uint8)")
    call = {"op": "call", "target": "hw_cnn.scratch:much", "args": [["tensor", "x"]], "kwargs": {}}
    bind = {"op": "bind", "namespace": "notebook", "name": "much", "module": "hw_cnn.scratch"}
    assert runner.worker.request(bind, {}, timeout_s=5.0)[0]["ok"]
    reply, arrays = runner.worker.request(call, {"x": np.zeros(100)}, timeout_s=20.0)
    assert not reply["ok"]
    assert "73,400,320 bytes are too large; 67,121,664 can be sent" in reply["error"]["text"]
    assert arrays == {}
    reply, arrays = runner.worker.request(call, {"x": np.zeros(1 << 17)}, timeout_s=20.0)
    assert reply["ok"], reply
    assert sum(array.nbytes for array in arrays.values()) == 70 << 20


def answer_over_the_cap(lab: Lab) -> None:
    source = """
        import json, os, struct, time
        entry = {"dtype": "U8", "shape": [1 << 27], "data_offsets": [0, 1 << 27]}
        header = json.dumps({"__metadata__": {"message": "{}"}, "a": entry}).encode()
        os.write(4, struct.pack("<Q", len(header)) + header)
        time.sleep(60)
    """
    refused(ProtocolError, "an array has a shape that is not allowed", lab, source)


def slow_answer(lab: Lab) -> None:
    runner = lab()
    source = "import os, time\nwhile True:\n    os.write(4, b'\\x10'[:1]); time.sleep(.2)"
    with pytest.raises((WorkerTimeout, ProtocolError)):
        runner.run(source, timeout_s=1.0)


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (
        exit_0, segmentation_fault, closed_pipe, closed_everything_and_gone_to_background, ignored_signals,
        loop_without_bytecode, processor_time, processor_time_of_children, memory, memory_at_once,
        memory_of_children, fork_bomb, exploding_forks, daemon, daemon_while_worker_lives,
        daemon_that_keeps_forking_itself_away, child_keeps_the_pipe, answer_before_the_question, second_answer,
        slow_answer, large_answer, answer_over_the_cap,
    )
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_attack(lab: Lab, name: str) -> None:
    SCENARIOS[name](lab)


@pytest.mark.slow
def test_attacks_on_an_ordinary_user() -> None:
    output = run_as_nobody(
        """
        from tests.autograder.sandbox_support import print_verdicts
        from tests.autograder.sandbox.host.test_watch import SCENARIOS
        print_verdicts(SCENARIOS)
        """,
        timeout_s=240.0,
    )
    verdicts = json.loads(output.splitlines()[-1])
    assert verdicts == dict.fromkeys(SCENARIOS, "ok")

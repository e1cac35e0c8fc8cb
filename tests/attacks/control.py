"""Graders as one should not write them: the student's code runs in the process that knows the answers.

An attack must work here first; otherwise it would pass the sandbox for the wrong reason. Run as
`python -m tests.attacks.control`: it reads one order a line on standard input, {"path", "style", "first", "mark",
"looks", "wait_s"}, and prints one line for each. Every order runs in a family of its own: a parent, which may be
harmed, and a grader.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from tests.attacks import naive_intake, naive_values, scene

SCORE = 0
CHECKS = (
    ("topk_error", "same"), ("topk_error", "same"),
    ("conv2d", "same"), ("conv2d", "close"), ("conv2d", "close_arrays"),
)  # fmt: skip
ANSWERS: list[Any] = []
COURSE_KEY = os.environ.get(scene.VARIABLE, "")
CAPS = {  # this machine must survive a control that works
    resource.RLIMIT_AS: 12 << 30,
    resource.RLIMIT_FSIZE: 256 << 20,
    resource.RLIMIT_NOFILE: 1024,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_STACK: 8 << 20,
}


def same(got: Any, expected: Any) -> bool:
    """Comparisons that are usual and can be fooled."""
    if isinstance(expected, dict):
        return bool(got == expected) or not any(abs(got[k] - expected[k]) > 1e-6 for k in set(expected))
    return bool(torch.allclose(got, expected))


def close(got: Any, expected: Any) -> bool:
    torch.testing.assert_close(got, expected)
    return True


def close_arrays(got: Any, expected: Any) -> bool:
    np.testing.assert_allclose(np.array(got), expected.numpy())
    return True


def in_process(path: str) -> None:
    """Run the solution here, compare here, believe what comes out. The last line is the score, exit 0 success."""
    global SCORE
    solution = ModuleType("solution")
    try:
        exec(compile(Path(path).read_text(encoding="utf-8"), "solution.py", "exec"), solution.__dict__)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    total = 0
    for name, compare in CHECKS:
        if hasattr(solution, name):
            total += 1
            if _check(getattr(solution, name), name, globals()[compare]):
                SCORE += 1
    points, tests = naive_values.score(solution)
    SCORE, total = SCORE + points, total + tests
    print("score:", json.dumps(SCORE), flush=True)
    sys.exit(0 if total == SCORE else 1)


def _check(function: Callable[..., Any], name: str, compare: Callable[[Any, Any], bool]) -> bool:
    logits, targets = torch.tensor([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]]), torch.tensor([1, 2])
    x, weight = torch.arange(64.0).reshape(1, 1, 8, 8), torch.ones(1, 1, 3, 3)
    expected: Any = {1: 1.0} if name == "topk_error" else torch.nn.functional.conv2d(x, weight)
    ANSWERS.append(expected)
    got = None
    try:
        got = function(logits, targets, ks=(1,)) if name == "topk_error" else function(x, weight)
        if name == "topk_error" and len(ANSWERS) > 1:
            expected = {1: float((logits.argmax(1) != targets).double().mean())}
        _keep_output(got)
        if compare(got, expected):
            return True
        print(f"expected {expected}, got {got}")
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)  # as the kernel would do without the caps of this control
    except Exception as error:
        print(f"{type(error).__name__}: {error}; got {got}")
    return False


def _keep_output(got: Any) -> None:
    """For staff to look at: one file for each name in the answer."""
    Path("outputs").mkdir(exist_ok=True)
    if isinstance(got, dict):
        for name in got:
            with contextlib.suppress(OSError):
                Path("outputs", str(name)).write_text("output")


def channel(path: str) -> None:
    """A worker of its own, but its frames are believed: numbers count up, lengths and shapes are what they claim."""
    request_read, request_write = os.pipe()
    response_read, response_write = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.dup2(response_write, scene.RESPONSE_FD)
        for fd in (request_write, response_read, response_write):
            if fd != scene.RESPONSE_FD:
                os.close(fd)
        _work(request_read)
        os._exit(0)
    os.close(response_write)
    source = Path(path).read_text(encoding="utf-8")
    for nonce, order in enumerate([source, "call", "call"], 1):
        os.write(request_write, json.dumps({"nonce": nonce, "order": order}).encode() + b"\n")
        print(_read_frame(response_read, nonce), flush=True)


def _work(request_read: int) -> None:
    solution: dict[str, Any] = {"__name__": "solution"}
    with os.fdopen(request_read) as requests:
        for line in requests:
            request = json.loads(line)
            nonce = request["nonce"]
            reply: dict[str, Any] = {"ok": True, "values": {}}
            try:
                if request["order"] == "call":
                    _run_call(solution, nonce)
                else:
                    exec(compile(request["order"], "solution.py", "exec"), solution)
            except Exception as error:
                reply = {"ok": False, "error": {"text": repr(error)}}
            header = json.dumps(
                {"__metadata__": {"message": json.dumps({"nonce": nonce, "reply": reply})}}
            ).encode()
            os.write(scene.RESPONSE_FD, len(header).to_bytes(8, "little") + header)


def _run_call(solution: dict[str, Any], nonce: int) -> None:
    assert nonce  # a variable of this frame, as in the real worker
    solution["topk_error"](torch.zeros(1, 8), torch.zeros(1))


def _read_frame(fd: int, nonce: int) -> str:
    """Anything that is not expected raises whatever it raises."""
    import pickle

    data = _read(fd, int.from_bytes(_read(fd, 8), "little"))
    if data[:1] == b"\x80":
        return str(pickle.loads(data))
    header = json.loads(data)
    message = json.loads(header.pop("__metadata__")["message"])
    for name, entry in header.items():
        start, stop = entry["data_offsets"]
        array = np.empty(entry["shape"], dtype={"F64": "<f8", "F32": "<f4"}[entry["dtype"]])
        array.data.cast("B")[:] = _read(fd, stop - start)
        print(name, array.shape)
    return f"answer {nonce}: {message}"


def _read(fd: int, length: int) -> bytes:
    data = bytearray(length)
    done = 0
    while done < length:
        count = os.readv(fd, [memoryview(data)[done:]])
        if count == 0:
            raise EOFError("the worker has closed the channel")
        done += count
    return bytes(data)


STYLES = {"channel": channel, **naive_intake.STYLES}


def family(order: dict[str, Any], output: int, done: int) -> None:
    """The parent: starts the grader, tells how it ended. It may be killed or stopped by the attack."""
    os.setsid()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chdir(folder)
        pid = os.fork()
        if pid == 0:
            for fd in (1, 2):
                os.dup2(output, fd)
            for kind, value in CAPS.items():
                with contextlib.suppress(ValueError, OSError):
                    resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))
            _end_with(order)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(done, json.dumps(code).encode())
    os._exit(0)


def _end_with(order: dict[str, Any]) -> None:
    """Grade and end this process as an interpreter would: exit functions run, SystemExit gives the code."""
    code: Any = 1
    try:
        for path in order["first"]:
            exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), {"__name__": "before"})
        STYLES.get(order["style"], in_process)(order["path"])
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc(limit=-1)
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
        sys.stdout.flush()
    os._exit(code)


def serve(order: dict[str, Any]) -> dict[str, Any]:
    """Run one order and say what was seen: output, exit code (None: no verdict), the parent's fate, processes left."""
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as output:
        parent = os.fork()
        if parent == 0:
            family(order, output.fileno(), writer)
        os.close(writer)
        fate, code = _wait(parent, reader, order["wait_s"])
        os.close(reader)
        left = _look_for(order["mark"], order["looks"])
        _clean_up(parent)
        output.seek(0)
        text = output.read(1 << 26).decode(errors="replace")
    scores = [line for line in text.splitlines() if line.startswith("score: ")]
    score = float(scores[-1].split()[1]) if scores else 100.0 * (code == 0)
    return {"text": text[:4000] + text[-4000:], "code": code, "parent": fate, "left": left, "score": score}


def _wait(parent: int, reader: int, wait_s: float) -> tuple[str, int | None]:
    import select

    end, fate = time.monotonic() + wait_s, "alive"
    while time.monotonic() < end:
        if select.select([reader], [], [], 0.02)[0]:
            data = os.read(reader, 64)
            # Nothing was written: the parent died first, and the grader, if it lives, is nobody's.
            if data:
                return fate, json.loads(data)
            time.sleep(0.3)
        pid, status = os.waitpid(parent, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            return "stopped", None
        if pid:
            return "dead", None
    return fate, None


def _look_for(mark: str, looks: int) -> list[int]:
    """A process that changes its number all the time can be missed in a list of numbers, but not for long."""
    for _ in range(looks):
        if found := _named(mark):
            return found
        time.sleep(0.01)
    return []


def _named(mark: str) -> list[int]:
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                name = Path(entry.path, "comm").read_text().strip()
                state = Path(entry.path, "stat").read_text().rpartition(")")[2].split()[0]
                if name == mark and state != "Z":
                    found.append(int(entry.name))
    return found


def _clean_up(parent: int) -> None:
    """Kill all below this process: it adopts orphans. What forks meanwhile is found the next time."""
    for _ in range(200):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        children = _children()
        if not children:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in children:
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
        time.sleep(0.005)
    raise SystemExit(f"something of {parent} is left: {_children()}")


def _children() -> list[int]:
    parents = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
    found, waiting = [], [os.getpid()]
    while waiting:
        above = waiting.pop()
        below = [pid for pid, parent in parents.items() if parent == above]
        found += below
        waiting += below
    return found


def main() -> None:
    torch.set_num_threads(1)
    close(torch.ones(1), torch.ones(1))  # imports what is only imported when it is first used
    close_arrays(torch.ones(1), torch.ones(1))
    ctypes.CDLL(None).prctl(36, ctypes.c_ulong(1), 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(serve(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

"""The worker: a fork of the zygote that locks itself down and then answers requests until its pipe closes."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from autograder.protocol import Channel, Closed, ProtocolError
from autograder.sandbox import lockdown

if TYPE_CHECKING:
    from autograder.sandbox.executor import Executor

# Namespaces of a submission and the modules that they pose as: some libraries look a class's module up.
NAMESPACES = {"notebook": "__main__", "solution": "solution"}


@dataclass(frozen=True)
class Assignment:
    """What a worker is for."""

    overlay: Path
    device: str
    cuda_visible: str | None
    seed: int
    confinement: lockdown.Confinement


def main(assignment: Assignment, request_fd: int, response_fd: int) -> NoReturn:
    """Never returns: the caller's stack is the zygote's."""
    code = 1
    try:
        code = _run(assignment, request_fd, response_fd)
    finally:
        os._exit(code)


def _run(assignment: Assignment, request_fd: int, response_fd: int) -> int:
    try:
        layers = lockdown.lock_down(assignment.confinement, request_fd, response_fd)
        executor = _prepare(assignment)
    except BaseException as error:
        # Before or after the descriptors were moved: exactly one of the two is the pipe.
        for fd in (response_fd, lockdown.RESPONSE_FD):
            try:
                Channel(-1, fd, wait=None).send({"failed": str(error)}, {})
                break
            except (OSError, Closed):
                continue
        return lockdown.EXIT_CODE
    channel = Channel(lockdown.REQUEST_FD, lockdown.RESPONSE_FD, wait=None)
    channel.send({"ready": True, "layers": layers}, {})
    return _serve(channel, executor)


def _prepare(assignment: Assignment) -> Executor:
    """Only modules that the zygote has imported: nothing is read from disk by the new user."""
    if assignment.device == "cuda":
        os.environ.pop("CUDA_VISIBLE_DEVICES")
        if assignment.cuda_visible is not None:
            os.environ["CUDA_VISIBLE_DEVICES"] = assignment.cuda_visible
    import torch

    from autograder.sandbox.executor import Executor, seed_all

    torch.set_num_threads(1)
    seed_all(assignment.seed)
    sys.path.insert(0, str(assignment.overlay))
    modules = {name: ModuleType(module) for name, module in NAMESPACES.items()}
    sys.modules.update({NAMESPACES[name]: module for name, module in modules.items()})
    namespaces = {name: module.__dict__ for name, module in modules.items()}
    return Executor(assignment.device, assignment.overlay, namespaces)


def _serve(channel: Channel, executor: Executor) -> int:
    while True:
        try:
            message, arrays = channel.receive()
        except Closed:
            return 0
        nonce = message.get("nonce")
        try:
            reply, out = executor.handle(message["request"], arrays)
            channel.send({"nonce": nonce, "reply": reply}, out)
        except (ProtocolError, ValueError) as error:  # a wrong request, or an answer that is over the caps
            text = f"the answer cannot be sent: {error}"
            reply = {"ok": False, "error": {"type": "ReturnedValueError", "text": text}}
            channel.send({"nonce": nonce, "reply": reply}, {})

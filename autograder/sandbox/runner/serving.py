"""What every worker does once it is as contained as it can be: answer requests until its pipe closes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from autograder.wire.channel import Channel
from autograder.wire.errors import Closed, NoAnswer, ProtocolError
from autograder.wire.frames import Caps

if TYPE_CHECKING:
    from autograder.sandbox.runner.executor import Executor

# Namespaces of a submission and the modules that they pose as: some libraries look a class's module up.
NAMESPACES = {"notebook": "__main__", "solution": "solution"}


def prepare(overlay: Path, device: str, seed: int, gpu_fraction: float = 1.0) -> Executor:
    """Only modules that were imported before: nothing is read from disk by a new user.

    gpu_fraction: of the memory of a GPU, for `device` "cuda".

    Raises: NoAnswer: the device does not compute.
    """
    import torch

    from autograder.sandbox.runner.device import prove
    from autograder.sandbox.runner.executor import Executor, seed_all
    from autograder.sandbox.runner.interception import INTERCEPTION

    torch.set_num_threads(1)
    prove(device, gpu_fraction)
    INTERCEPTION.wrap_functions()  # before a student's code can take hold of what numpy computes with
    for owner in (torch, torch.nn.Module):  # there is no compiler, and no cache that could be written
        setattr(owner, "compile", _as_it_is)  # noqa: B010 -- mypy refuses an assignment
    seed_all(seed)
    sys.path.insert(0, str(overlay))
    modules = {name: ModuleType(module) for name, module in NAMESPACES.items()}
    sys.modules.update({NAMESPACES[name]: module for name, module in modules.items()})
    namespaces = {name: module.__dict__ for name, module in modules.items()}
    return Executor(device, overlay, namespaces)


def enter_gpu(visible: str | None) -> None:
    """Let this process see GPUs, which its parent did not. Before anything of CUDA starts.

    visible: for CUDA_VISIBLE_DEVICES; None: all of them.
    """
    from autograder.sandbox.runner.device import WORKSPACE

    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    os.environ.update(WORKSPACE)
    if visible is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = visible


def failure(error: BaseException) -> dict[str, Any]:
    """What a worker says instead of "ready"."""
    return {"failed": str(error), "device": isinstance(error, NoAnswer)}


def _as_it_is(model: Any = None, *_: object, **__: object) -> Any:
    """`torch.compile` as function and as decorator."""
    return (lambda function: function) if model is None else model


def serve(channel: Channel, executor: Executor) -> int:
    """Returns the exit code."""
    while True:
        try:
            message, arrays = channel.receive()
        except Closed:
            return 0
        nonce = message.get("nonce")
        try:
            reply, out = executor.handle(message["request"], arrays)
            channel.send({"nonce": nonce, "reply": reply}, out, caps=Caps(body=message["reply_bytes"]))
        except (ProtocolError, ValueError) as error:  # a wrong request, or an answer that is over the caps
            text = f"the answer cannot be sent: {error}"
            reply = {"ok": False, "error": {"type": "ReturnedValueError", "text": text}}
            channel.send({"nonce": nonce, "reply": reply}, {})

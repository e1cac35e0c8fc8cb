"""The worker: a fork of the zygote that locks itself down and then answers requests until its pipe closes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from autograder.sandbox.jail import lockdown
from autograder.sandbox.runner import serving
from autograder.wire.channel import Channel
from autograder.wire.errors import Closed

if TYPE_CHECKING:
    from autograder.sandbox.runner.executor import Executor


@dataclass(frozen=True)
class Orders:
    """What a worker is for."""

    overlay: Path
    device: str
    cuda_visible: str | None
    gpu_fraction: float
    seed: int
    confinement: lockdown.Confinement


def main(orders: Orders, request_fd: int, response_fd: int) -> NoReturn:
    """Never returns: the caller's stack is the zygote's."""
    code = 1
    try:
        code = _run(orders, request_fd, response_fd)
    finally:
        os._exit(code)


def _run(orders: Orders, request_fd: int, response_fd: int) -> int:
    try:
        layers = lockdown.lock_down(orders.confinement, request_fd, response_fd)
        executor = _prepare(orders)
    except BaseException as error:
        # Before or after the descriptors were moved: exactly one of the two is the pipe.
        for fd in (response_fd, lockdown.RESPONSE_FD):
            try:
                Channel(-1, fd, wait=None).send(serving.failure(error), {})
                break
            except (OSError, Closed):
                continue
        return lockdown.EXIT_CODE
    channel = Channel(lockdown.REQUEST_FD, lockdown.RESPONSE_FD, wait=None)
    channel.send({"ready": True, "layers": layers}, {})
    return serving.serve(channel, executor)


def _prepare(orders: Orders) -> Executor:
    if orders.device == "cuda":
        serving.enter_gpu(orders.cuda_visible)
    return serving.prepare(orders.overlay, orders.device, orders.seed, orders.gpu_fraction)

"""Entry of a worker on a system that can contain nothing; see `host.bare`. POSIX only."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import resource
from pathlib import Path
from typing import Any

from autograder.wire.channel import Channel

FILE_MB, OPEN_FILES = 64, 256
MB = 1 << 20


def main(config: dict[str, Any]) -> None:
    """Import, take the limits, answer requests until the pipe closes. Never returns."""
    code = 1
    try:
        channel = Channel(config["request_fd"], config["response_fd"], wait=None)
        for fd in (config["request_fd"], config["response_fd"]):
            os.set_inheritable(fd, False)
        from autograder.sandbox.runner import serving

        try:
            gc.disable()  # as in the zygote
            for name in config["preload"]:
                importlib.import_module(name)
            gc.freeze()
            gc.enable()
            if config["device"] == "cuda":
                serving.enter_gpu(config["cuda_visible"])
            executor = serving.prepare(
                Path(config["overlay"]), config["device"], config["seed"], config["gpu_fraction"]
            )
            layers = _limits(config["cpu_s"])
        except BaseException as error:
            channel.send(serving.failure(error), {})
        else:
            channel.send({"ready": True, "layers": layers}, {})
            code = serving.serve(channel, executor)
    finally:
        os._exit(code)


def _limits(cpu_s: int) -> list[str]:
    os.umask(0o077)
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: FILE_MB * MB,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # some systems refuse some of them
            resource.setrlimit(kind, (value, value))
    limits = ("processor time", "file size", "open files")
    return ["private temporary folder", *(f"limit of {what}" for what in limits)]

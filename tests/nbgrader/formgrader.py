"""formgrader, served by Jupyter and looked at in a browser."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.nbgrader.support import COMMANDS

EXTENSION = "{'nbgrader.server_extensions.formgrader': True}"
SECONDS = 120


@contextmanager
def served(course: Path) -> Iterator[str]:
    """The address of formgrader for a course."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.jpserver_extensions={EXTENSION}",
    ]  # fmt: skip
    with (course.parent / "jupyter.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(words, cwd=course, env=COMMANDS, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}/formgrader"
        _wait(f"{address}/api/assignments")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def notebook_of(address: str, assignment: str, student: str) -> str:
    """The address of a student's notebook."""
    with urlopen(f"{address}/api/submitted_notebooks/{assignment}/{assignment}") as answer:
        listed: list[dict[str, Any]] = json.load(answer)
    (found,) = [one["id"] for one in listed if one["student"] == student]
    return f"{address}/submissions/{found}"


def _wait(address: str) -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            urlopen(address).close()
            return
        except (URLError, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.5)

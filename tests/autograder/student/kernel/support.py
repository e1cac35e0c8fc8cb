"""A real IPython kernel in a bundle, driven as JupyterLab drives it: each request names its cell."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

WAIT_S = 120


class Kernel:
    """A running kernel. ids: whether requests name cells. `shown`: what cells displayed, in all its forms."""

    def __init__(self, client: BlockingKernelClient, folder: Path, ids: bool) -> None:
        self._client, self._folder, self._ids = client, folder, ids
        self.shown: list[dict[str, str]] = []

    def run(self, cell: str, source: str) -> str:
        """Run the text of a cell; what it printed and showed, and an error as the page shows it, after its name."""
        client = self._client
        content = {"code": source, "silent": False, "store_history": True, "stop_on_error": False}
        content |= {"user_expressions": {}, "allow_stdin": False}
        metadata = {"cellId": cell} if self._ids else {}
        message = client.session.msg("execute_request", content, metadata=metadata)
        client.shell_channel.send(message)
        said = []
        while True:
            reply = client.get_iopub_msg(timeout=WAIT_S)
            if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, body = reply["msg_type"], reply["content"]
            if kind == "stream":
                said.append(body["text"])
            elif kind == "display_data":
                said.append(body["data"]["text/plain"] + "\n")
                self.shown.append(body["data"])
            elif kind == "error":
                said.append(f"{body['ename']}: " + "\n".join(body["traceback"]) + "\n")
            elif kind == "status" and body["execution_state"] == "idle":
                client.get_shell_msg(timeout=WAIT_S)
                return "".join(said)

    def save(self, cells: Mapping[str, str]) -> None:
        """Save the notebook with these cells."""
        path = self._folder / NOTEBOOK
        path.write_text(json.dumps(notebook(cells)), encoding="utf-8")


NOTEBOOK = "seminar_cnn.ipynb"


def notebook(cells: Mapping[str, str]) -> dict[str, Any]:
    """A notebook of code cells: id -> text."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"id": name, "cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None}
            for name, text in cells.items()
        ],
    }  # fmt: skip


@contextlib.contextmanager
def kernel(folder: Path, ids: bool = True, file: bool = True) -> Iterator[Kernel]:
    """Start one in `folder`. file: whether it is told the name of the notebook's file, as Jupyter's server does."""
    env = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    for name in ("JPY_SESSION_NAME", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    if file:
        env["JPY_SESSION_NAME"] = str(folder / NOTEBOOK)
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(folder), env=env)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=WAIT_S)
        yield Kernel(client, folder, ids)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

"""A real IPython kernel that runs notebooks from top to bottom and says what each check cell would have seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any

from jupyter_client.manager import KernelManager

from tests.autograder.intake.differential.probes import PROBES

MARK = "<<probes>>"
# Lives in the kernel as a module of its own, so that a notebook's names do not meet it.
DRIVER = f"""
import importlib, json, os, sys
from IPython import get_ipython
path, environ, folders, seen = list(sys.path), dict(os.environ), [], {{}}

def begin(folder):
    os.chdir(folder)  # the last one is gone, and nothing works in a folder that is not there
    get_ipython().reset(new_session=False, aggressive=False)
    seen.clear()
    sys.path[:] = ["", *path]
    os.environ.clear()
    os.environ.update(environ)
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(tuple(folders)):
            del sys.modules[name]
    folders.append(folder)
    importlib.invalidate_caches()
    import hw_cnn
    hw_cnn.check = lambda task: None

def look(task):
    seen[task] = probe(task, get_ipython().user_ns)
{PROBES}
"""


class Kernel:
    """Use as a context. One process for many notebooks; each begins with nothing defined."""

    def __init__(self) -> None:
        self._manager = KernelManager()

    def __enter__(self) -> Kernel:
        self._manager.start_kernel()
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        module = (
            "import sys, types\n_m = sys.modules['notebook_driver'] = types.ModuleType('notebook_driver')\n"
        )
        self._finish([self._send(f"{module}exec({DRIVER!r}, _m.__dict__)")])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(
        self, folder: Path, cells: Sequence[tuple[str, str | None]]
    ) -> tuple[Mapping[str, Any], Mapping[int, str]]:
        """Run cells (source, the task whose check cell it is) in `folder`, as "Run all" that goes on after errors.

        Returns the probes by task, and by the number of a cell the exception that ended it.
        """
        requests = [self._send(f"import notebook_driver\nnotebook_driver.begin({str(folder)!r})")]
        of_cells: dict[str, int] = {}
        for number, (source, task) in enumerate(cells):
            if task is not None:
                requests.append(self._send(f"import notebook_driver\nnotebook_driver.look({task!r})"))
            requests.append(self._send(source, store_history=True))
            of_cells[requests[-1]] = number
        requests.append(
            self._send(f"import notebook_driver, json\nprint({MARK!r} + json.dumps(notebook_driver.seen))")
        )
        text, failed = self._finish(requests)
        assert set(failed) <= set(of_cells), failed
        seen = json.loads(text.split(MARK)[-1])
        return seen, {of_cells[request]: error for request, error in failed.items() if request in of_cells}

    def _send(self, code: str, store_history: bool = False) -> str:
        request: str = self._client.execute(code, store_history=store_history, stop_on_error=False)
        return request

    def _finish(self, requests: Sequence[str]) -> tuple[str, dict[str, str]]:
        """Wait for the last of the requests: what it printed, and the exceptions of all."""
        printed: list[str] = []
        failed: dict[str, str] = {}
        while True:
            try:
                message = self._client.get_iopub_msg(timeout=60)
            except Empty:
                raise TimeoutError("the kernel does not answer") from None
            request = message["parent_header"].get("msg_id")
            kind, content = message["msg_type"], message["content"]
            if kind == "error" and request in requests:
                failed[request] = f"{content['ename']}: {content['evalue']}"
            elif kind == "stream" and request == requests[-1]:
                printed.append(content["text"])
            elif kind == "status" and content["execution_state"] == "idle" and request == requests[-1]:
                return "".join(printed), failed

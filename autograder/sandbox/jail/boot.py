"""Entry of the executed process: the guardian, and below it the zygote in its namespaces.

Nothing but the standard library is imported before the private root is entered, so that every package is found where
workers will look for it later.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from autograder.sandbox.jail import places
from autograder.sandbox.jail.guardian import Inner, guard
from autograder.sandbox.kernel import cgroups, libc

# What workers need not know: where the judge's files are.
_JUDGES = ("judge_pid", "root", "site", "tmp", "readable", "visible", "covers", "groups", "path", "layers")


def main(config: dict[str, Any]) -> None:
    """Never returns. `config` is what `host.zygote_client` wrote; all paths in it are absolute."""
    sys.argv = [""]
    # The path of a virtual environment's interpreter names the judge's folders, and does not exist in a private root.
    sys.executable = os.path.realpath(sys.executable)
    sys.orig_argv[:] = ["python", "-m", __name__]
    libc.rename_process(*sys.orig_argv)
    layers = config["layers"]
    inner = Inner(pid=bool(layers["namespaces"]), user=layers["user_namespace"])
    config["number"] = os.getpid()  # of the guardian: in a pid namespace of its own every zygote is process 1
    folder = config["groups"]
    groups = None if folder is None else cgroups.Groups(Path(folder), os.getpid())
    guard(config["judge_pid"], Path(config["root"]), inner, groups, lambda: _zygote(config, groups))


def _zygote(config: dict[str, Any], groups: cgroups.Groups | None) -> int:
    with os.fdopen(config["status_fd"], "w") as status:
        try:
            where = places.make(config)
            for name in _JUDGES:  # a worker is a fork, and can find this dictionary
                del config[name]
            zygote = importlib.import_module("autograder.sandbox.jail.zygote").start(config, where, groups)
        except places.StartError as error:
            json.dump({"error": str(error)}, status)
            return 1
        json.dump({"ready": True}, status)
    zygote.serve()
    return 0

"""Where workers live, made before the zygote imports anything: its private root, or the system's with less in reach."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.jail import visible
from autograder.sandbox.kernel import mounts, root, users


class StartError(Exception):
    """The zygote cannot start. The text is one sentence for the user."""


@dataclass(frozen=True)
class Places:
    """Where workers live and what may be known to them.

    Args:
        overlays: folder of the students' editions.
        tmp: where their temporary folders are made; None where each has a file system of its own.
        users: user ids of their own, or None.
        readable: what Landlock leaves them.
        namespaces: CLONE_NEW* of a worker.
        own_count: its tasks are counted in a user namespace of its own; not needed where it has a user of its own.
    """

    overlays: Path
    tmp: Path | None
    users: users.Users | None
    readable: tuple[Path, ...]
    namespaces: int
    landlock_abi: int
    seccomp: bool
    own_count: bool
    devices: tuple[Path, ...]


def make(config: dict[str, Any]) -> Places:
    """In the zygote's process, before any import of a package. Raises: StartError."""
    os.chdir(config["root"])
    pool = users.Users.for_this_process(config["number"])
    private = config["layers"]["namespaces"]
    return _private(config, pool) if private else _shared(config, pool)


def _private(config: dict[str, Any], pool: users.Users | None) -> Places:
    layers, stage = config["layers"], Path(config["root"])
    roots, covers = (tuple(map(Path, config[name])) for name in ("visible", "covers"))
    devices = tuple(map(Path, config["devices"]))
    try:
        root.enter(stage, roots, covers, devices)
    except OSError as error:
        raise StartError(f"the private root of the workers cannot be made: {error}") from error
    for name, module in list(sys.modules.items()):  # the stage is elsewhere now
        if name.split(".")[0] == "autograder" and hasattr(module, "__path__"):
            module.__path__ = [str(root.STAGE / "runtime" / name.replace(".", "/"))]
    sys.path[:] = [str(root.moved(Path(entry), stage)) for entry in sys.path]
    for name in ("HOME", "TMPDIR"):
        os.environ[name] = str(root.STAGE / "home")
    own = tuple(root.STAGE / name for name in ("runtime", "edition", "site"))
    readable = (*roots, *own, Path("/etc"))
    return Places(
        overlays=root.STAGE / "overlays",
        tmp=None,
        users=pool,
        readable=readable,
        namespaces=layers["namespaces"],
        landlock_abi=layers["landlock"],
        seccomp=layers["seccomp"],
        own_count=layers["own_count"] and pool is None,
        devices=devices,
    )


def _shared(config: dict[str, Any], pool: users.Users | None) -> Places:
    layers, stage = config["layers"], Path(config["root"])
    packages = [Path(link).resolve() for link in os.scandir(config["site"])]
    packages += [Path(link).resolve() for link in os.scandir(Path(config["site"], "__pycache__"))]
    if pool is not None:
        needed = [Path(path) for path in (*config["readable"], *sys.path) if Path(path).exists()]
        if not mounts.expose([*needed, *packages], [stage]):
            raise StartError(
                "as root, each worker gets a user of its own, and another user cannot read the Python environment "
                f"{config['readable'][0]}; move it out of closed folders, or grade as an ordinary user"
            )
    readable: tuple[Path, ...] = ()
    if layers["landlock"]:
        seen = visible.Visible(*(tuple(map(Path, config[name])) for name in ("visible", "covers")))
        own = [stage / name for name in ("runtime", "edition", "site")]
        readable = (*seen.entries(), *packages, *own)
    return Places(
        overlays=stage / "overlays",
        tmp=Path(config["tmp"]),
        users=pool,
        readable=readable,
        namespaces=0,
        landlock_abi=layers["landlock"],
        seccomp=layers["seccomp"],
        own_count=layers["own_count"] and pool is None,
        devices=tuple(map(Path, config["devices"])),
    )

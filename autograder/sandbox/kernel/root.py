"""The root folder that workers live in: an empty one, with read-only mounts of what they must read and nothing else.

The zygote builds it once, in a mount namespace of its own, and moves into it. Each worker copies that namespace and
covers what is its own business: /tmp, /dev/shm, /proc and its overlay.

    /stage/runtime, /stage/edition      read-only
    /stage/site/<entry>                 one mount for each third-party package
    /stage/overlays                     the zygote's; a worker sees its own overlay only
    the interpreter, shared libraries   at the paths that they have outside

Sources: mount_namespaces(7), mount(2), pivot_root(2), tmpfs(5), proc(5).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from autograder.sandbox.kernel import libc

STAGE = Path("/stage")
TMP_MB, TMP_FILES = 64, 5000
SHM_MB, SHM_FILES = 64, 1000
_FOLDERS = ("tmp", "dev/shm", "proc")
_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
_DEVICES = ("null", "zero", "full", "random", "urandom")
_KEPT = libc.MS_NOSUID | libc.MS_NODEV
_READ_ONLY = libc.MOUNT_ATTR_RDONLY | libc.MOUNT_ATTR_NOSUID | libc.MOUNT_ATTR_NODEV


def enter(stage: Path, visible: Iterable[Path], covers: Iterable[Path], devices: Iterable[Path] = ()) -> None:
    """Move this process into a new root that holds `visible`, and the stage at /stage.

    Args:
        stage: folder of the stage outside; its empty folder `root` becomes the new one.
        visible: files, folders and links at their own paths.
        covers: what lies below them and must not be seen.
        devices: device nodes beside the five that every program needs.

    Raises: OSError: mounts are not allowed here.
    """
    previous = os.umask(0o022)
    try:
        libc.unshare(libc.CLONE_NEWNS)
        libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
        new = stage / "root"
        libc.mount("tmpfs", str(new), "tmpfs", _KEPT, "mode=0755,size=2m,nr_inodes=20000")
        _fill(new, visible, covers)
        _fill_stage(new / STAGE.relative_to("/"), stage)
        _fill_devices(new / "dev", devices)
        for name in _FOLDERS:
            (new / name).mkdir(parents=True, exist_ok=True)
        # Before the old root goes: the kernel allows a new /proc only while it can see another.
        libc.mount("proc", str(new / "proc"), "proc", _KEPT | libc.MS_NOEXEC)
        os.chdir(new)
        libc.pivot_root_here()
        libc.mount("none", "/", None, libc.MS_REMOUNT | libc.MS_BIND | libc.MS_RDONLY | _KEPT)
    finally:
        os.umask(previous)


def _fill(new: Path, visible: Iterable[Path], covers: Iterable[Path]) -> None:
    for path in visible:
        target = new / path.relative_to("/")
        if path.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.readlink())
        else:
            _bind(path, target, _READ_ONLY)
    for path in covers:
        target = new / path.relative_to("/")
        if target.is_dir():
            flags = libc.MS_RDONLY | _KEPT
            libc.mount("tmpfs", str(target), "tmpfs", flags, "mode=0755,size=4k,nr_inodes=2")
        elif target.exists():
            libc.mount("/dev/null", str(target), None, libc.MS_BIND)


def _fill_stage(new: Path, stage: Path) -> None:
    for name in ("runtime", "edition"):
        _bind(stage / name, new / name, _READ_ONLY)
    for entry in os.scandir(stage / "site"):
        source = Path(entry.path).resolve()
        if source.exists():
            _bind(source, new / "site" / entry.name, _READ_ONLY)
    for name in ("overlays", "home"):
        _bind(stage / name, new / name, libc.MOUNT_ATTR_NOSUID | libc.MOUNT_ATTR_NODEV)


def _fill_devices(new: Path, devices: Iterable[Path]) -> None:
    for node in (*(Path("/dev", name) for name in _DEVICES), *devices):
        if node.exists():
            _bind(node, new / node.relative_to("/dev"), libc.MOUNT_ATTR_NOSUID | libc.MOUNT_ATTR_NOEXEC)
    for name, goal in _LINKS.items():
        (new / name).symlink_to(goal)


def moved(path: Path, stage: Path) -> Path:
    """Where something of the stage is after `enter`; any other path stays."""
    return STAGE / path.relative_to(stage) if path.is_relative_to(stage) else path


def leave_home() -> None:
    """The zygote has written what it wanted; its workers find no folder that they share."""
    libc.umount(str(STAGE / "home"), libc.MNT_DETACH)


def cover_for_worker(overlay: str, uid: int | None, *, gpu: bool = False) -> None:
    """Give a worker its own /tmp, /dev/shm and /proc and nothing of other workers. In its own mount namespace.

    Args:
        overlay: name of its folder below /stage/overlays.
        uid: who owns the new folders; None: the present user.
        gpu: /proc shows the machine, too, not only the worker's own processes: NVIDIA's driver reads /proc/driver.
    """
    owner = "" if uid is None else f",uid={uid},gid={uid}"
    libc.mount("tmpfs", "/tmp", "tmpfs", _KEPT, f"mode=0700,size={TMP_MB}m,nr_inodes={TMP_FILES}{owner}")
    libc.mount("tmpfs", "/dev/shm", "tmpfs", _KEPT, f"mode=0700,size={SHM_MB}m,nr_inodes={SHM_FILES}{owner}")
    overlays = STAGE / "overlays"
    fd = os.open(overlays / overlay, os.O_PATH | os.O_CLOEXEC)  # the next mount hides its path
    libc.mount("tmpfs", str(overlays), "tmpfs", _KEPT, "mode=0755,size=4k,nr_inodes=8")
    _bind(Path(f"/proc/self/fd/{fd}"), overlays / overlay, _READ_ONLY)
    os.close(fd)
    libc.mount("none", str(overlays), None, libc.MS_REMOUNT | libc.MS_BIND | libc.MS_RDONLY | _KEPT)
    libc.mount("proc", "/proc", "proc", _KEPT | libc.MS_NOEXEC, None if gpu else "subset=pid")


def _bind(source: Path, target: Path, attributes: int) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(exist_ok=True)
    libc.mount(str(source), str(target), None, libc.MS_BIND | libc.MS_REC)
    libc.protect_mount(str(target), attributes)

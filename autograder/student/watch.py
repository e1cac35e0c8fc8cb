"""`hw-cnn check --watch`: the check again whenever the work is saved, each time in a process of its own.

A process that has run the work once holds modules and classes of it; the next check must not meet them.
"""

from __future__ import annotations

import importlib
import multiprocessing
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from autograder.course.public import PublicManifest
from autograder.errors import UsageError
from autograder.student import words
from autograder.student.saved_check import check_saved
from autograder.student.work import snapshot
from hw_cnn import _memory

POLL_S = 0.5


def watch(home: Path, public: PublicManifest, folder: Path, tasks: Sequence[str]) -> int:
    """Check now and after each change, until Ctrl-C: then one line, and exit code 0."""
    lang = public.lang
    try:
        seen = snapshot(folder, public)
        _check_apart(home, public, folder, tasks)
        while True:
            print(words.WATCHING.get(lang), flush=True)
            changed = _wait(folder, public, seen)
            seen = snapshot(folder, public)
            now = datetime.now().strftime("%H:%M:%S")
            print(words.SAVED.get(lang).format(time=now, names=", ".join(changed)), flush=True)
            _check_apart(home, public, folder, tasks)
    except KeyboardInterrupt:
        print(f"\n{words.WATCH_ENDED.get(lang)}", flush=True)
        return 0


def _wait(folder: Path, public: PublicManifest, seen: dict[str, tuple[int, int]]) -> list[str]:
    """Names of what has changed, once it has stopped changing: an editor may write in several steps."""
    before = seen
    while True:
        time.sleep(POLL_S)
        now = snapshot(folder, public)
        if now == before != seen:
            return sorted(name for name in {*now, *seen} if now.get(name) != seen.get(name))
        before = now


def _check_apart(home: Path, public: PublicManifest, folder: Path, tasks: Sequence[str]) -> None:
    """Where a process can be forked safely it need not import torch anew each time."""
    forks = sys.platform == "linux"
    if forks and "lightning" not in sys.modules:
        print(words.LOADING.get(public.lang), file=sys.stderr)
        with _memory.importing():
            importlib.import_module("lightning")
    start = (
        multiprocessing.get_context("fork").Process if forks else multiprocessing.get_context("spawn").Process
    )
    process = start(target=_check_quietly, args=(home, public, folder, tasks))
    process.start()
    process.join()


def _check_quietly(home: Path, public: PublicManifest, folder: Path, tasks: Sequence[str]) -> None:
    try:
        check_saved(home, public, folder, tasks)
    except UsageError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        sys.exit(1)  # the process that waits says so

"""`autograder doctor`: which layers hold on this machine, what a missing one means, and how to raise the tier."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.doctor.advice import Advice, Machine, advise, read_machine

if TYPE_CHECKING:
    from autograder.doctor.self_test import Verdict
    from autograder.sandbox.host.probe import Protection

SCHEMA = 1
PLAIN_WIDTH = 120
ERROR_NUMBER = re.compile(r"\[Errno \d+\] ")  # its text follows
TIERS = {
    "A": "namespaces, Landlock and seccomp",
    "A-": "namespaces and seccomp",
    "B": "Landlock and seccomp",
    "C": "limits only; untrusted code is refused",
}
# What it means when a layer is missing; `autograder.sandbox.host.probe` names the layers.
MEANINGS = {
    "user namespace": "An ordinary user cannot have the namespaces below.",
    "pid namespace": "Workers can count other processes; leftovers are swept by the guardian, not by the kernel.",
    "mount namespace": "Files are hidden by Landlock only; names and sizes show, and no quota limits the disk.",
    "net namespace": "The network is closed by seccomp only.",
    "ipc namespace": "Shared memory and message queues of other programs are closed by seccomp only.",
    "uts namespace": "Workers can read the name of this machine.",
    "cgroup namespace": "Workers can read the name of their control group.",
    "private root": "Workers see the paths of this machine; Landlock must hide what is in them.",
    "Landlock": "Files are hidden by the private root only; without that, not at all.",
    "seccomp": "Every kernel call is open to a worker: untrusted code is refused.",
    "own user per worker": "Workers run as the grader's user, and only the other layers stand between them.",
    "own count of processes": "Processes of all workers are added up: one can use up those of its neighbours.",
    "memory by cgroup": "Memory is measured every 20 ms, not limited by the kernel: a burst may overshoot by half.",
}


@dataclass(frozen=True)
class Examination:
    """What was found on this machine."""

    protection: Protection
    gaps: tuple[str, ...]
    advice: Advice | None
    machine: Machine


def examine() -> Examination:
    """Try every layer in child processes. Works on any system."""
    from autograder.results.protection import gap_in_words
    from autograder.sandbox.host.probe import probe

    protection, machine = probe(), read_machine()
    left_open = tuple(gap_in_words(name, "en") for name in protection.gaps)
    return Examination(protection, left_open, advise(protection, machine), machine)


def as_json(examination: Examination, verdict: Verdict | None = None) -> str:
    """The same as the table, for programs; `verdict` is that of the self-test, if it ran."""
    layers = [
        {**dataclasses.asdict(layer), "without": MEANINGS.get(layer.name, "")}
        for layer in examination.protection.layers
    ]
    content = {
        "schema": SCHEMA,
        "tier": examination.protection.tier,
        "layers": layers,
        "gaps": list(examination.gaps),
        "jobs": "cores" if examination.protection.counted_apart else 1,
        "advice": None if examination.advice is None else dataclasses.asdict(examination.advice),
        "system": examination.machine.system,
        "processor": examination.machine.processor,
        "root": examination.machine.root,
        "self_test": None if verdict is None else dataclasses.asdict(verdict),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def as_text(examination: Examination) -> str:
    """Table of the layers, the tier with its gaps, and what raises it; colours and lines on a terminal only."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    table = Table(box=box.ROUNDED if terminal else None, pad_edge=False)
    table.add_column("layer", no_wrap=True)
    table.add_column("active", no_wrap=True)
    table.add_column("what its absence means")
    for layer in examination.protection.layers:
        active = Text("yes", "green") if layer.active else Text("no", "bold red")
        meaning = MEANINGS.get(layer.name, "")
        if layer.reason:
            meaning = f"{meaning} ({ERROR_NUMBER.sub('', layer.reason)})".strip()
        table.add_row(Text(layer.name), active, Text(meaning))
    stream = io.StringIO()
    width = os.get_terminal_size().columns if terminal else PLAIN_WIDTH
    Console(file=stream, width=width, force_terminal=terminal).print(table)
    rows = [line.rstrip() for line in stream.getvalue().splitlines()]
    return "\n".join([*rows, "", *_conclusion(examination)])


def _conclusion(examination: Examination) -> list[str]:
    tier = examination.protection.tier
    lines = [f"Tier {tier}: {TIERS[tier]}."]
    if examination.gaps:
        lines += ["What it does not protect from:", *(f"  - {gap}" for gap in examination.gaps)]
    lines += ["", jobs_line(examination.protection)]
    if examination.advice is not None:
        lines += ["", *advice_lines(examination.advice)]
    return lines


def jobs_line(protection: Protection) -> str:
    """How many submissions `grade` takes at once unless it is told, and why not more."""
    if protection.counted_apart:
        return "Submissions at once: one per core, or as --jobs says."
    return (
        "Submissions at once: 1, or as --jobs says. With more of them, one that starts processes up to its limit "
        "leaves its neighbours none, and costs them points. Root, or Linux 5.14 with user namespaces, or a cgroup of "
        "the grader's own mends that."
    )


def advice_lines(advice: Advice) -> list[str]:
    """Why the tier is not higher, then the command that changes it, ready to be copied."""
    lines = [f"Why not A: {advice.why}."]
    if not advice.command:
        return [*lines, f"To raise it: {advice.note}."]
    lines += ["To raise it:", f"  {advice.command}"]
    return [*lines, f"  {advice.note}"] if advice.note else lines

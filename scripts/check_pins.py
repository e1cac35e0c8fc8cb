"""Does a plain pip find every pin of constraints.txt, for each supported Python on Linux x86-64?

    python scripts/check_pins.py                  # oldest and newest Python: a release leaves out some at the ends
    python scripts/check_pins.py --each-python    # those between, too

pip itself is asked (`pip index versions`), at its default index, and without the settings of this machine: a pin that
only a local folder or a company's mirror has is a pin that nobody else can install. How pip reaches the network
(certificates, proxy) stays as it is. Exit code 1 when a pin is bad; each is named in one sentence.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import re
import runpy
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TRANSPORT = {"PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_TIMEOUT", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES"}
"""Settings of pip that say how the index is reached, not which one."""
PROCESSES = 8
LINUX = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 16, -1)] + ["manylinux2014_x86_64"]
"""Wheels for glibc 2.28 (2018) or older; `any` is always among what pip takes."""


@dataclass(frozen=True)
class Question:
    name: str
    python: str


@dataclass(frozen=True)
class Answer:
    """The versions that have a file of any kind, those that have a wheel, and pip's errors."""

    versions: frozenset[str]
    wheels: frozenset[str]
    errors: str


def canonical(name: str) -> str:
    """`Name_of.it` as the index spells it: `name-of-it`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(text: str) -> dict[str, str]:
    """Name -> version of each line `name==version`. Raises: ValueError for another line."""
    pins: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        pin = line.partition("#")[0].strip()
        found = re.fullmatch(r"([\w.-]+)==([\w.!+-]+)", pin)
        if found is not None:
            pins[canonical(found[1])] = found[2]
        elif pin:
            raise ValueError(f"line {number} of constraints.txt is {pin!r}: write name==version")
    return pins


def direct_dependencies(project: Mapping[str, Any]) -> dict[str, str]:
    """Name -> where pyproject.toml asks for it, extras included."""
    extras = project.get("optional-dependencies", {})
    lists = {
        "dependencies": project["dependencies"],
        **{f"the extra {name}": extras[name] for name in extras},
    }
    found = {}
    for where, requirements in lists.items():
        for requirement in requirements:
            name = canonical(re.match(r"[\w.-]+", requirement)[0])  # type: ignore[index]
            if name != canonical(project["name"]):
                found.setdefault(name, where)
    return found


def supported_pythons(requires: str) -> list[str]:
    """`>=3.11,<3.15` -> 3.11 to 3.14. Raises: ValueError for another form."""
    found = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", requires)
    if found is None:
        raise ValueError(f"requires-python is {requires!r}: write >=3.A,<3.B")
    return [f"3.{minor}" for minor in range(int(found[1]), int(found[2]))]


def run_pip(arguments: Sequence[str]) -> str:
    """What pip says to these arguments, in this process, which should be used only once."""
    said = io.StringIO()
    sys.argv = ["pip", *arguments]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        runpy.run_module("pip", run_name="__main__")
    return said.getvalue()


def ask(question: Question) -> Answer:
    """Ask pip for all versions; which of them are wheels stands in its log only."""
    arguments = ["index", "versions", question.name, "--pre", "--python-version", question.python]
    arguments += [f"--platform={platform}" for platform in LINUX]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        said = run_pip([*arguments, "--log", str(log)])
        links = re.findall(
            r"Found link (\S+) .*version: (\S+)$", log.read_text(encoding="utf-8"), re.MULTILINE
        )
    listed = re.search(r"^Available versions: (.*)$", said, re.MULTILINE)
    versions = frozenset(listed[1].split(", ")) if listed else frozenset()
    if versions and not links:
        raise RuntimeError("this pip writes its log in another way: mend `ask` in scripts/check_pins.py")
    wheels = {version for link, version in links if link.partition("#")[0].endswith(".whl")}
    errors = [line for line in said.splitlines() if line.startswith("ERROR")]
    return Answer(versions, versions & wheels, "; ".join(errors))


def forget_settings() -> None:
    """From here on pip is as on a fresh machine: no configuration file, no variable that names an index."""
    for name in [name for name in os.environ if name.startswith("PIP_") and name not in TRANSPORT]:
        del os.environ[name]
    os.environ |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def ask_all(questions: Sequence[Question]) -> dict[Question, Answer]:
    """Many at once, each in a process of its own, forked from one that has pip loaded.

    Raises: OSError where pip does not even find itself.
    """
    # What pip loads for its first question is there for those that are forked.
    answer = ask(Question("pip", "3.13"))
    if not answer.versions:
        raise OSError(f"pip does not reach its index: {answer.errors}")
    with multiprocessing.get_context("fork").Pool(PROCESSES, maxtasksperchild=1) as pool:
        return dict(zip(questions, pool.map(ask, questions, chunksize=1), strict=True))


def bad_pins(pins: Mapping[str, str], pythons: Sequence[str]) -> Iterator[str]:
    """One sentence for each pin that pip cannot install for some of the Pythons."""
    answers = ask_all([Question(name, python) for name in pins for python in pythons])
    for name, version in pins.items():
        found = {python: answers[Question(name, python)] for python in pythons}
        # Without any wheel it is built from its source, as pip does; where there are wheels for some Pythons, the
        # others would need a compiler.
        built = not any(version in answer.wheels for answer in found.values())
        bad = [
            python
            for python, answer in found.items()
            if version not in (answer.versions if built else answer.wheels)
        ]
        if bad:
            there = ", ".join(newest(found[bad[0]].wheels)) or "nothing"
            yield f"{name}=={version} has no file for Python {', '.join(bad)} on the index, which has {there}"


def newest(versions: frozenset[str]) -> list[str]:
    """The five that count highest, as numbers."""
    return sorted(versions, key=lambda text: [int(part) for part in re.findall(r"\d+", text)], reverse=True)[
        :5
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--each-python", action="store_true", help="ask for the Pythons between, too")
    arguments = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = read_pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    supported = supported_pythons(project["requires-python"])
    pythons = supported if arguments.each_python else [supported[0], supported[-1]]
    problems = [
        f"{name} has no pin in constraints.txt, and {where} of pyproject.toml asks for it"
        for name, where in direct_dependencies(project).items()
        if name not in pins
    ]
    forget_settings()
    problems += bad_pins(pins, pythons)
    for problem in problems:
        print(problem)
    print(f"{len(pins)} pins, Python {', '.join(pythons)}: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"""The corpus against the real command: one class of attacks and honest neighbours, graded on each kind of machine."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.archives import MEMORISED, Upload
from tests.attacks.headers import Attack, corpus
from tests.attacks.launcher import UNREACHABLE
from tests.attacks.machines import MACHINES, Machine
from tests.attacks.scene import (
    HONEST_STUDENTS,
    LIMITS,
    PUBLIC_PLACES,
    ROOT,
    STUB,
    VARIABLE,
    Scene,
    make_scene,
)
from tests.attacks.uploads import BY_NUMBER, UPLOADS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="attacks are for Linux")]

ATTACKS = list(corpus().values())
WAIT_S = 900
LOOKS = 10
READ_AND_LOAD_S = 30.0
"""Seconds that a submission may cost on top of its own time (docs/threat-model.md, reading)."""
FORGER = 215
UNREAD = "001_unread"
"""A student whose attack stands in a file that is not read: it must leave no trace."""


@dataclass(frozen=True)
class Graded:
    """A class after the command has ended, and everything that was looked at then."""

    scene: Scene
    exit_code: int
    output: str
    texts: dict[str, str]
    results: dict[str, dict[str, Any]]
    processes: list[str]
    files: list[str]
    traces: set[str]
    seconds: float

    @property
    def tier(self) -> str:
        return str(next(iter(self.results.values()))["sandbox"]["tier"]).partition(":")[0]

    def said(self, attack: Attack) -> list[str]:
        """Where the mark of an attack stands."""
        mark = f"{self.scene.token}-{attack.number:03d}"
        return [name for name, text in self.texts.items() if mark in text]


def grade(machine: Machine, scene: Scene, attacks: list[Attack], uploads: list[Upload]) -> Graded:
    """Run the command on the scene's class, with `attacks` and `uploads` in it."""
    started = time.monotonic()
    log = scene.base / "log"
    argv = [
        str(Path(sys.executable).parent / "autograder"), "grade", "seminar_cnn", str(scene.submissions),
        "--assignments", str(scene.course), "--out", str(scene.out), "--key", str(scene.key),
        "--lang", "en", "--device", "cpu", "--jobs", "2",
    ]  # fmt: skip
    env = {
        "HOME": str(scene.base / "home"), "TMPDIR": str(scene.temporary), VARIABLE: scene.secrets["variable"],
    }  # fmt: skip
    with log.open("wb") as output:
        judge = machine.start(scene.base, argv, env, output)
        try:
            for attack in attacks:
                scene.hand_in(attack.student, solution=attack.solution(scene.targets(attack, [judge.pid])))
            if attacks:
                hand_in_unread(scene, attacks[0])
            for item in uploads:
                item.hand_in(scene)
                for path in item.files(scene):
                    scene.trace.watch(path, item.student)
            scene.give_away()
            assert judge.stdin is not None
            judge.stdin.write(b"go\n")
            judge.stdin.close()
            exit_code = judge.wait(WAIT_S)
        finally:
            judge.kill()
            judge.wait()
    texts = {"output": log.read_text(errors="replace")}
    for path in sorted(scene.out.rglob("*")):
        if path.is_file() and path.parent.name != "notes":
            texts[str(path.relative_to(scene.out))] = path.read_text(encoding="utf-8", errors="replace")
    results = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in (scene.out / "results").glob("*.json")
    }
    if exit_code == UNREACHABLE:
        pytest.skip("an ordinary user cannot read this Python environment, and mounts are not allowed")
    if exit_code == 2 and "tier C" in texts["output"]:
        pytest.skip("such a machine reaches tier C only here, which takes no code that is not trusted")
    assert results, texts["output"]
    seconds = time.monotonic() - started
    return Graded(
        scene=scene,
        exit_code=exit_code,
        output=texts["output"],
        texts=texts,
        results=results,
        processes=running(scene),
        files=left_files(scene),
        traces=scene.trace.seen(),
        seconds=seconds,
    )


def hand_in_unread(scene: Scene, attack: Attack) -> None:
    """An attack in a file that nobody runs, with a trace of its own."""
    traces = {name: scene.trace.file_for(f"unread {name}") for name in ("begun", "broken")}
    scene.hand_in(UNREAD, notes=attack.solution(scene.targets(attack, []) | {"traces": traces}))
    (scene.submissions / UNREAD / "notes.py").rename(scene.submissions / UNREAD / "notes.txt")


def running(scene: Scene) -> list[str]:
    """Processes of the sandbox or of an attack that have not ended; one look can miss what changes its number."""
    found = []
    for _ in range(LOOKS):
        found += look(scene)
        time.sleep(0.01)
    return found


def look(scene: Scene) -> list[str]:
    """By name, by command line, by user."""
    found = []
    known = {scene.victim["pid"], *(sleeper.pid for sleeper in scene.bystanders.values())}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) in known:
            continue
        try:
            name = Path(entry.path, "comm").read_text().strip()
            command = Path(entry.path, "cmdline").read_text(errors="replace").replace("\0", " ")
            uid = entry.stat().st_uid
            state = Path(entry.path, "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        ours = scene.token[-6:] in name or str(scene.base) in command
        if state != "Z" and (ours or (uid == scene.uid and uid not in (0, os.getuid()))):
            found.append(f"{entry.name} {name} {command[:80]}")
    return found


def left_files(scene: Scene) -> list[str]:
    """Files where nothing may be: temporary places, installed packages, the folder of the course."""
    import numpy
    import torch

    found = [str(path) for place in (scene.temporary, scene.dump) for path in place.iterdir()]
    installed = {Path(os.__file__).parent}
    installed |= {folder for module in (numpy, torch) for folder in Path(str(module.__file__)).parents[:2]}
    for place in [*map(Path, PUBLIC_PLACES), *installed, scene.out, scene.hidden, ROOT / "hw_cnn"]:
        if place.is_dir():
            for path in place.iterdir():
                if scene.token in path.name or (scene.token[-6:] in path.name and "hwx" in path.name):
                    found.append(str(path))
    # torch makes an empty folder for its compiler in the grader's own temporary folder, attacks or not.
    return [path for path in found if not Path(path).name.startswith("torchinductor_")]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(machine, id=machine.name, marks=[pytest.mark.nightly] if machine.nightly else [])
        for machine in MACHINES
    ],
)
def graded(request: pytest.FixtureRequest) -> Iterator[Graded]:
    machine: Machine = request.param
    if machine.reason_against:
        pytest.skip(machine.reason_against)
    with make_scene(machine.uid, [attack.number for attack in ATTACKS]) as scene:
        yield grade(machine, scene, ATTACKS, UPLOADS)


@pytest.fixture(scope="module")
def calm() -> Iterator[Graded]:
    """The honest students of such a class, without attacks beside them."""
    machine = next(machine for machine in MACHINES if not machine.reason_against)
    with make_scene(machine.uid, []) as scene:
        yield grade(machine, scene, [], [])


def test_the_grader_has_a_verdict_on_everybody(graded: Graded) -> None:
    print(f"tier {graded.tier}, {graded.seconds:.0f} s")
    assert graded.exit_code == 0, graded.output[-3000:]
    students = {*HONEST_STUDENTS, STUB, UNREAD, *(attack.student for attack in [*ATTACKS, *UPLOADS])}
    with (graded.scene.out / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    assert set(rows) == set(graded.results) == students
    assert [name for name, result in graded.results.items() if result["needs_staff"]] == []


def test_the_neighbours_have_the_points_they_always_have(graded: Graded, calm: Graded) -> None:
    def points(of: Graded, student: str) -> dict[str, float]:
        return {task["id"]: task["score"] for task in of.results[student]["tasks"]}

    for student in HONEST_STUDENTS:
        assert points(graded, student) == points(calm, student), student
        assert 20 < calm.results[student]["score"] < 24
    assert graded.results[STUB]["score"] == calm.results[STUB]["score"] == 0


def test_no_secret_is_in_any_output(graded: Graded) -> None:
    stolen = {name: found for name, text in graded.texts.items() if (found := graded.scene.stolen(text))}
    assert stolen == {}


def test_nothing_is_left_running(graded: Graded) -> None:
    assert graded.processes == []


def test_no_file_is_left(graded: Graded) -> None:
    assert graded.files == []


def test_the_course_is_untouched(graded: Graded) -> None:
    scene = graded.scene
    changed = [a.number for a in ATTACKS if scene.tamper(a.number).read_text() != "untouched"]
    assert changed == []
    assert not scene.listeners.received


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.student)
def test_attack(graded: Graded, attack: Attack) -> None:
    """It was tried; no points beyond the value it returns, a verdict without staff, and none of what the attack was
    seen to do in its control.
    """
    result = graded.results[attack.student]
    assert f"{attack.number:03d} begun" in graded.traces, "the attack has not been tried"
    assert f"{attack.number:03d} broken" not in graded.traces, "the attack itself does not work"
    # Bonus points are not part of the score.
    assert sum(test["points"] for task in result["tasks"] for test in task["tests"]) <= attack.worth
    assert result["score"] <= attack.worth
    assert result["status"] in ("graded", "crashed", "timeout")
    assert result["needs_staff"] is False
    if graded.tier in attack.gaps:
        return  # the header says why
    scene, number = graded.scene, attack.number
    own = {name: text for name, text in graded.texts.items() if attack.student in name}
    assert [name for text in own.values() for name in scene.stolen(text)] == []
    if attack.evidence == "text":
        pages = {name: text for name, text in graded.texts.items() if name.endswith(".html")}
        assert {"report/index.html", f"report/students/{attack.student}.html"} <= set(pages)
        assert [name for name, text in pages.items() if f"<script>{scene.token}" in text] == []
        assert [name for name, text in graded.texts.items() if scene.escape in text] == []
    else:
        assert graded.said(attack) == []
    assert [name for name in graded.processes if scene.process_name(number) in name] == []
    marks = (scene.left_name(number), f"marker-{number:03d}-", scene.process_name(number))
    assert [path for path in graded.files if any(mark in path for mark in marks)] == []
    assert f"{scene.token}-{number:03d}".encode() not in scene.listeners.received
    assert scene.tamper(number).read_text() == "untouched"
    if attack.evidence == "victim":
        assert not scene.bystander_is_harmed(number)


def test_the_right_number_gains_what_returning_the_value_gains(graded: Graded) -> None:
    """A worker that answers by itself, each question with its number, has the points of an honest student: no more, and
    no less, so the numbers were right.
    """
    forger, honest = (
        {task["id"]: task["score"] for task in graded.results[student]["tasks"]}
        for student in (corpus()[FORGER].student, HONEST_STUDENTS[0])
    )
    assert forger["J1"] == honest["J1"] > 0
    assert sum(forger.values()) == forger["J1"]


def test_an_attack_that_is_not_read_leaves_no_trace(graded: Graded) -> None:
    """So that the first line of the test above can fail."""
    assert graded.results[UNREAD]["score"] == 0
    assert not {name for name in graded.traces if name.startswith("unread")}


@pytest.mark.parametrize("item", UPLOADS, ids=lambda item: item.student)
def test_upload(graded: Graded, item: Upload) -> None:
    """Refused with a sentence, or graded as if the hostile part were not there, and in time."""
    scene, result = graded.scene, graded.results[item.student]
    assert result["needs_staff"] is False
    assert result["seconds"] <= LIMITS["submission_s"] + READ_AND_LOAD_S
    if item.rejected or (item.rejected is None and result["status"] == "rejected"):
        assert (result["status"], result["score"]) == ("rejected", 0)
        assert result["reason"]
    elif item.number == MEMORISED:
        _check_memorised(graded, result)
    elif 249 <= item.number < MEMORISED:
        assert result["score"] == graded.results[BY_NUMBER[249].student]["score"] < 2
    else:
        assert result["score"] == 0
    if item.unopened:
        assert item.unopened in result["reason"]
    else:
        assert item.student in graded.traces, "the upload has not been read"
    text = json.dumps(result, ensure_ascii=False)
    assert scene.stolen(text) == []
    assert "\x1b" not in graded.output
    assert not scene.marker(item.number).exists()


def _check_memorised(graded: Graded, result: dict[str, Any]) -> None:
    """No isolation helps against weights that have seen the answers: they are worth little, and a note says so."""
    training = next(task for task in result["tasks"] if task["id"] == "K3")
    assert training["score"] == 0, "points for weights are multiplied by what training has shown"
    marked = [entry for entry in result["thresholds"] if entry["value"] is not None]
    assert len(marked) == 1
    assert "may have seen the test images" in json.dumps(result)


def test_processes_are_found_when_they_are_there() -> None:
    """The check above can fail."""
    with make_scene(os.getuid(), []) as scene:
        assert running(scene) == []
        left = subprocess.Popen(["/bin/sh", "-c", f"sleep 60; : {scene.base}"])
        try:
            assert len(running(scene)) >= 1
        finally:
            left.kill()
            left.wait()
        (scene.temporary / "x").touch()
        assert left_files(scene) == [str(scene.temporary / "x")]

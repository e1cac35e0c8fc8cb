"""Every attack works where nothing stops it, so that the sandbox does not get praise that it has not earned."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.archives import Upload
from tests.attacks.headers import Attack, corpus
from tests.attacks.machines import MADE_UID, OWN_UID, Machine
from tests.attacks.scene import VARIABLE, Scene, make_scene
from tests.attacks.uploads import UPLOADS
from tests.machines import needs_an_unchanged_root, needs_user_namespaces

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="attacks are for Linux")]

HANG_S, CHANNEL_S, PATIENCE_S = 1.0, 2.0, 20.0
ATTACKS = [attack for attack in corpus().values() if attack.evidence != "none"]
ROOT_MACHINE, USER_MACHINE = Machine("root", user=False), Machine("user", user=True)


class Control:
    """The unprotected grader, as one user, for many attacks."""

    def __init__(self, scene: Scene, process: subprocess.Popen[bytes], log: Path) -> None:
        self.scene, self._process, self._log = scene, process, log

    def run(self, attack: Attack) -> dict[str, Any]:
        folder = self.scene.base / "controls"
        folder.mkdir(exist_ok=True)
        targets = self.scene.targets(attack, [], installed=[str(self.scene.dump)])
        paths = []
        for part in ([corpus()[attack.after]] if attack.after else []) + [attack]:
            paths.append(folder / f"{attack.number}-{part.student}.py")
            paths[-1].write_text(part.solution(targets | {"marker": str(self.scene.marker(attack.number))}))
        waits = {"hangs": HANG_S, "channel": CHANNEL_S}
        wait_s = waits.get(attack.family, waits.get(attack.control, PATIENCE_S))
        return self.send(
            path=str(paths[-1]),
            first=[str(path) for path in paths[:-1]],
            style=attack.control,
            mark=self.scene.process_name(attack.number),
            looks=100 if attack.evidence == "process" else 1,
            wait_s=wait_s,
        )

    def take(self, item: Upload) -> dict[str, Any]:
        """Give an upload to the simple grader that it is made against."""
        folder = self.scene.base / "uploads"
        folder.mkdir(exist_ok=True)
        item.build(self.scene, folder / item.student)
        self.scene.give_away()
        name = self.scene.process_name(item.number)
        return self.send(
            path=str(folder / item.student), style=item.control, first=[], mark=name, looks=1, wait_s=HANG_S
        )

    def send(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line and self._process.wait(5) == -signal.SIGKILL:
            return {"text": "", "code": None, "parent": "dead", "left": [], "score": 0.0}
        assert line, self._log.read_text()
        answer: dict[str, Any] = json.loads(line)
        return answer


def controls(machine: Machine) -> Iterator[Control]:
    if machine.reason_against:
        pytest.skip(machine.reason_against)
    with (
        make_scene(machine.uid, [attack.number for attack in ATTACKS]) as scene,
        tempfile.TemporaryDirectory() as logs,
    ):
        log = Path(logs, "log")
        with log.open("wb") as errors:
            process = subprocess.Popen(
                [
                    sys.executable, "-P", "-B", "-m", "tests.attacks.launcher",
                    json.dumps({
                        "uid": machine.uid, "container": False, "landlock": True, "base": str(scene.base),
                        "argv": [sys.executable, "-P", "-B", "-m", "tests.attacks.control"],
                    }),
                ],
                cwd=Path(__file__).resolve().parents[2],
                env={
                    "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PATH": os.defpath, "OMP_NUM_THREADS": "1",
                    "HOME": str(scene.base / "home"), VARIABLE: scene.secrets["variable"],
                },
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
            control = Control(scene, process, log)
            try:
                if not select.select([process.stdout], [], [], 60)[0]:
                    pytest.fail("the control does not start")
                control.answer()
                yield control
            finally:
                process.kill()
                process.wait()
                for stream in (process.stdin, process.stdout):
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()


@pytest.fixture(scope="module")
def as_root() -> Iterator[Control]:
    yield from controls(ROOT_MACHINE)


@pytest.fixture(scope="module")
def as_user() -> Iterator[Control]:
    yield from controls(USER_MACHINE)


@pytest.fixture
def alone() -> Iterator[Control]:
    """A grader that the attack may take with it: nothing else belongs to its user."""
    yield from controls(Machine("alone", user=True, other=1))


def seen(scene: Scene, attack: Attack, answer: dict[str, Any]) -> bool:
    """Whether the evidence that the attack names is there."""
    number, text = attack.number, answer["text"]
    match attack.evidence:
        case "said":
            return f"{scene.token}-{number:03d}" in text
        case "secret":
            return bool(scene.stolen(text))
        case "points":
            return answer["score"] > 0
        case "judge":
            died = answer["code"] is None or answer["code"] < 0
            return died or (answer["code"] != 0 if attack.control == "channel" else "score:" not in text)
        case "marker":
            left = [*scene.dump.glob(scene.left_name(number)), *scene.out.glob(scene.left_name(number))]
            return scene.marker(number).exists() or bool(left)
        case "left":
            return (scene.dump / scene.process_name(number)).exists()
        case "tamper":
            path = scene.tamper(number)
            return not path.exists() or path.read_text() != "untouched"
        case "process":
            return bool(answer["left"])
        case "victim":
            return scene.bystander_is_harmed(number) or answer["parent"] in ("dead", "stopped")
        case "listener":
            return f"{scene.token}-{number:03d}".encode() in scene.listeners.received
        case "text":
            return f"title-{scene.token}\x07" in text
    raise AssertionError(attack.evidence)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.student)
def test_it_works_without_protection(attack: Attack, request: pytest.FixtureRequest) -> None:
    """As an ordinary user, or as root where only root could do it."""
    if attack.number == 43 and OWN_UID != 0:
        pytest.skip(
            f"it would end the session of the user who runs the tests; root tries it as user {MADE_UID}"
        )
    if attack.name in ("user_namespace", "clone_namespaces"):
        needs_user_namespaces("user")
    if attack.name == "cgroups" and not Path("/sys/fs/cgroup").is_mount():
        pytest.skip("this machine has no control groups in /sys/fs/cgroup")
    if attack.name == "chroot":
        needs_an_unchanged_root()
    fixture = {"root": "as_root", "alone": "alone"}.get(attack.control, "as_user")
    control: Control = request.getfixturevalue(fixture)
    if attack.name == "tcp6" and not control.scene.listeners.ports["tcp6"]:
        pytest.skip("this machine has no IPv6")
    answer = control.run(attack)
    assert seen(control.scene, attack, answer), answer


@pytest.mark.parametrize("item", [item for item in UPLOADS if item.control], ids=lambda item: item.student)
def test_the_upload_harms_a_simple_grader(as_user: Control, item: Upload) -> None:
    scene, answer = as_user.scene, as_user.take(item)
    harmed = answer["code"] != 0 or bool(scene.stolen(answer["text"])) or scene.marker(item.number).exists()
    assert harmed or f"name-{scene.token}\x07" in answer["text"], answer

"""What the attacks are after: a course with secrets, other people's files, bystanders and services, all real.

Everything lies below one folder that everybody may enter, as a careless course keeps it: what an attack cannot reach
is out of its reach because of the sandbox, not because of the modes of files.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.attacks.evidence import Trace
from tests.attacks.headers import FOLDER, Attack
from tests.attacks.listeners import Listeners

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "SECRET"
VARIABLE = "COURSE_SECRET"
RESPONSE_FD = 4
BOMB_MB, BOMB_TASKS = 300, 50
LIMITS = {
    "load_s": 2.0, "call_s": 2.0, "test_s": 6.0, "submission_s": 30.0,
    "memory_mb": 256, "processes": 24, "train_cpu_s": 5.0, "train_wall_s": 5.0, "read_cpu_s": 5.0,
}  # fmt: skip
HONEST = """# {secret}
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    own = logits.gather(1, targets[:, None])
    place = (logits >= own).sum(1)
    return {{k: (place > k).double().mean().item() for k in ks}}


def conv2d(x, weight, bias=None, stride=1, padding=0):
    from torch.nn.functional import pad

    s, p = (stride, padding) if isinstance(stride, int) else (stride[0], padding)
    windows = pad(x, (p, p, p, p)).unfold(2, weight.shape[2], s).unfold(3, weight.shape[3], s)
    out = (windows[:, None] * weight[None, :, :, None, None]).sum((2, 5, 6))
    return out if bias is None else out + bias[None, :, None, None]
"""
"""Right but for pairs of numbers."""
BANK = (("inside_and_transfer", ("L1", "M1")), ("architectures", ("I2", "I5")))
"""Tasks of other assignments that the class has, too: their tests ask the worker by drivers of their own."""
HONEST_STUDENTS = ("000_honest", "100_honest", "300_honest")
STUB = "000_stub"
PUBLIC_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock")
SAFE_IN_A_NAME = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Scene:
    """One set of targets. `uid`: whose files they are, and as whom the grader runs."""

    base: Path
    uid: int
    secrets: dict[str, str]
    listeners: Listeners
    trace: Trace
    token: str
    victim: dict[str, int] = field(default_factory=dict)
    bystanders: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def course(self) -> Path:
        return self.base / "course"

    @property
    def out(self) -> Path:
        return self.base / "out"

    @property
    def submissions(self) -> Path:
        return self.base / "submissions"

    @property
    def hidden(self) -> Path:
        return self.course / "seminar_cnn" / "hidden"

    @property
    def key(self) -> Path:
        return self.base / "keys" / "course.key"

    @property
    def temporary(self) -> Path:
        """TMPDIR of the grader: what is left there is seen."""
        return self.base / "tmp"

    @property
    def dump(self) -> Path:
        """A place where everybody may write."""
        return self.base / "dump"

    @property
    def escape(self) -> str:
        """A title that the terminal gets where text of an attack is printed as it is."""
        return f"title-{self.token}"

    def process_name(self, attack: int) -> str:
        return f"hwx{attack:03d}{self.token[-6:]}"

    def left_name(self, attack: int) -> str:
        return f"left-{attack:03d}-{self.token}.txt"

    def marker(self, attack: int) -> Path:
        return self.dump / f"marker-{attack:03d}-{self.token}"

    def tamper(self, attack: int) -> Path:
        return self.course / "seminar_cnn" / "notes" / f"{attack:03d}.txt"

    def targets(self, attack: Attack, pids: list[int], **more: Any) -> dict[str, Any]:
        """What an attack is told. `pids`: processes that it goes for; its own bystander is added."""
        bystander = self.bystander(attack) if attack.evidence == "victim" else None
        return {
            "token": self.token,
            "traces": {
                name: self.trace.file_for(f"{attack.number:03d} {name}") for name in ("begun", "broken")
            },
            "prefix": PREFIX,
            "hidden_test": str(self.hidden / "test_f1.py"),
            "hidden_folder": str(self.hidden),
            "labels": str(self.hidden / "digits.npz"),
            "key": str(self.key),
            "out": str(self.out),
            "neighbour": str(self.submissions / "000_honest" / "solution.py"),
            "project": str(ROOT),
            "reference": str(ROOT / "hw_cnn" / "layers" / "convolution.py"),
            "home": str(self.base / "home"),
            "home_file": str(self.base / "home" / "notes.txt"),
            "variable": VARIABLE,
            "marker": str(self.marker(attack.number)),
            "left": self.left_name(attack.number),
            "dump": str(self.dump),
            "tamper": str(self.tamper(attack.number)),
            "installed": [],
            "process": self.process_name(attack.number),
            "pids": [*pids, *([bystander] if bystander else [self.victim["pid"]])],
            "and_parent": bool(pids),  # the zygote; in a control the parent is only there to be harmed
            "never_as": sorted({0, os.getuid()}),
            "victim_address": self.victim["address"],
            "victim_fd": self.victim["fd"],
            "response_fd": RESPONSE_FD,
            "bomb_mb": BOMB_MB,
            "bomb_tasks": BOMB_TASKS,
            "escape": self.escape,
            "unix": str(self.base / "service"),
            "abstract": self.token,
            **self.listeners.ports,
            **more,
        }

    def bystander(self, attack: Attack) -> int:
        """A process of `uid` that only this attack goes for."""
        sleeper = subprocess.Popen(
            ["/bin/sleep", "1000"], user=self.uid, group=self.uid, extra_groups=(), start_new_session=True
        ) if os.getuid() == 0 else subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True)  # fmt: skip
        self.bystanders[attack.number] = sleeper
        return sleeper.pid

    def bystander_is_harmed(self, attack: int) -> bool:
        """Whether it is dead or stopped."""
        sleeper = self.bystanders[attack]
        return sleeper.poll() is not None or _state(sleeper.pid) == "T"

    def hand_in(self, student: str, **files: str) -> None:
        """`solution="..."` becomes solution.py."""
        folder = self.submissions / student
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")

    def give_away(self) -> None:
        """All files to `uid`; everybody may read them."""
        for folder, _, names in os.walk(self.base):
            _open_up(Path(folder), 0o755, self.uid)
            for name in names:
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    _open_up(path, 0o644, self.uid)
        for path in (self.dump, self.temporary):
            path.chmod(0o1777)
        for path in self.tamper(0).parent.iterdir():
            path.chmod(0o666)
        self.tamper(0).parent.chmod(0o777)

    def stolen(self, text: str) -> list[str]:
        """Names of the secrets that stand in a text."""
        return [name for name, secret in self.secrets.items() if secret in text]


def _open_up(path: Path, mode: int, uid: int) -> None:
    path.chmod(mode)
    if os.getuid() == 0:
        os.chown(path, uid, uid)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _secret(name: str) -> str:
    return f"{PREFIX}-{name}-{secrets.token_hex(16)}"


@contextmanager
def make_scene(uid: int, numbers: list[int]) -> Iterator[Scene]:
    """A fresh scene for a grader of user `uid`, with something to tamper with for each attack."""
    with ExitStack() as stack:
        base = Path(tempfile.mkdtemp(prefix="hw-cnn-attacks-", dir="/tmp")).resolve()
        stack.callback(shutil.rmtree, base, ignore_errors=True)
        base.chmod(0o755)
        names = (
            "hidden",
            "file",
            "key",
            "out",
            "neighbour",
            "home",
            "homefile",
            "variable",
            "memory",
            "deleted",
        )
        known = {name: _secret(name) for name in names}
        token = "won-" + "".join(secrets.choice(SAFE_IN_A_NAME) for _ in range(12))
        listeners = stack.enter_context(Listeners(base / "service", token))
        trace = stack.enter_context(Trace(token))
        scene = Scene(base, uid, known, listeners, trace, token)
        stack.callback(_clear_public_places, token)
        _fill(scene, numbers)
        _start_victim(scene, stack)
        stack.callback(_end_bystanders, scene)
        scene.give_away()
        yield scene


def _fill(scene: Scene, numbers: list[int]) -> None:
    for folder in (scene.out / "notes", scene.submissions, scene.key.parent, scene.temporary, scene.dump):
        folder.mkdir(parents=True)
    shutil.copytree(ROOT / "assignments" / "seminar_cnn", scene.course / "seminar_cnn")
    _lower_limits(scene.course / "seminar_cnn" / "assignment.toml")
    for name, tasks in BANK:
        _borrow(scene.course / "seminar_cnn", ROOT / "assignments" / name, tasks)
    test = scene.hidden / "test_f1.py"
    test.write_text(f"# {scene.secrets['hidden']}\n{test.read_text(encoding='utf-8')}", encoding="utf-8")
    (scene.hidden / f"{scene.secrets['file']}.txt").touch()
    scene.secrets["labels"] = (scene.hidden / "digits.npz").read_bytes()[1000:1024].hex()
    reference = (ROOT / "hw_cnn" / "layers" / "convolution.py").read_text(encoding="utf-8")
    scene.secrets["reference"] = next(line.strip() for line in reference.splitlines() if "einsum" in line)
    scene.key.write_text(scene.secrets["key"] + "\n")
    (scene.out / "notes" / "staff.txt").write_text(scene.secrets["out"] + "\n")
    (scene.base / "home").mkdir()
    (scene.base / "home" / scene.secrets["home"]).touch()
    (scene.base / "home" / "notes.txt").write_text(scene.secrets["homefile"] + "\n")
    for student in HONEST_STUDENTS:
        scene.hand_in(student, solution=HONEST.format(secret=scene.secrets["neighbour"]))
    shutil.copytree(ROOT / "examples" / "submissions" / "stub", scene.submissions / STUB)
    scene.tamper(0).parent.mkdir()
    for number in numbers:
        scene.tamper(number).write_text("untouched")


def _lower_limits(manifest: Path) -> None:
    lines = manifest.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.partition(" = ")[0] not in LIMITS]
    place = kept.index("[limits]") + 1
    kept[place:place] = [f"{name} = {value}" for name, value in LIMITS.items()]
    manifest.write_text("\n".join(kept) + "\n", encoding="utf-8")


def _borrow(folder: Path, source: Path, tasks: tuple[str, ...]) -> None:
    """Tasks of another assignment as bonus tasks of this one, with their hidden tests and what these read."""
    manifest = folder / "assignment.toml"
    blocks = (source / "assignment.toml").read_text(encoding="utf-8").split("[[tasks]]\n")[1:]
    for task in tasks:
        (block,) = (text for text in blocks if text.startswith(f'id = "{task}"\n'))
        with manifest.open("a", encoding="utf-8") as stream:
            stream.write(f"\n[[tasks]]\nbonus = true\n{block}")
        shutil.copy(source / "hidden" / f"test_{task.lower()}.py", folder / "hidden")
    for path in (source / "hidden").glob("*.safetensors"):
        shutil.copy(path, folder / "hidden")


def _start_victim(scene: Scene, stack: ExitStack) -> None:
    memory, text = (scene.secrets[name].encode().hex() for name in ("memory", "deleted"))
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(FOLDER / "victim.py"), memory, text, str(scene.uid)],
        stdout=subprocess.PIPE,
        env={VARIABLE: scene.secrets["variable"]},
        start_new_session=True,
    )
    stack.callback(_end, process)
    assert process.stdout is not None
    scene.victim = json.loads(process.stdout.readline())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _clear_public_places(token: str) -> None:
    """Remove what an attack has left there when nothing stopped it."""
    for place in map(Path, PUBLIC_PLACES):
        for path in place.glob(f"*{token}*") if place.is_dir() else ():
            path.unlink()


def _end_bystanders(scene: Scene) -> None:
    for sleeper in scene.bystanders.values():
        sleeper.send_signal(signal.SIGKILL)
        sleeper.wait()

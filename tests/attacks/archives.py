"""Attacks that are no code to run: archives, folders, notebooks, package files and checkpoints.

Each function of `BUILDERS` hands in one of them. Where a grader of the simplest kind exists (unpack, copy, parse,
load), `naive_intake.py` has it and `test_controls.py` sees it being harmed.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import socket
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.scene import ROOT, Scene

SOLUTION = "def topk_error(logits, targets, ks=(1, 5)):\n    return {}\n"


@dataclass(frozen=True)
class Upload:
    """One numbered attack. `rejected`: the whole work is refused, None if either will do; otherwise it is graded and
    earns nothing.

    control: what a simple grader does with it (a name in naive_intake.STYLES), "" when the attack is only
    against this grader's own rules. unopened: what is said of one that is refused without being opened.
    """

    number: int
    name: str
    tries: str
    build: Callable[[Scene, Path], None]
    rejected: bool | None = True
    control: str = ""
    unopened: str = ""

    @property
    def student(self) -> str:
        return f"{self.number:03d}_{self.name}"

    def hand_in(self, scene: Scene) -> None:
        """Make it below the submissions of a scene."""
        self.build(scene, scene.submissions / self.student)

    def files(self, scene: Scene) -> list[Path]:
        """What has been handed in and only this upload has: who opens it has begun to read it."""
        folder = scene.submissions / self.student
        found = [
            *scene.submissions.glob(f"{self.student}.*"),
            *([] if folder.is_symlink() else folder.rglob("*")),
        ]
        return [
            path for path in found if not path.is_symlink() and path.is_file() and path.stat().st_nlink == 1
        ]


UPLOADS: list[Upload] = []


def upload(
    number: int, tries: str, *, rejected: bool = True, control: str = "", unopened: str = ""
) -> Callable[..., None]:
    """Register the builder below; it gets the scene and the path to make, without a suffix."""

    def register(build: Callable[[Scene, Path], None]) -> None:
        UPLOADS.append(Upload(number, build.__name__, tries, build, rejected, control, unopened))

    return register


def _zip(path: Path, members: list[tuple[str | zipfile.ZipInfo, bytes]]) -> None:
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)


def _named(name: str, mode: int = 0o100644, system: int = 3) -> zipfile.ZipInfo:
    """An entry whose name is taken as it is."""
    entry = zipfile.ZipInfo("x")
    entry.filename = entry.orig_filename = name
    entry.create_system, entry.external_attr = system, mode << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _folder(path: Path, **files: str) -> Path:
    path.mkdir()
    (path / "solution.py").write_text(files.pop("solution", SOLUTION))
    return path


@upload(220, "leave the folder by ..", control="unpack by name")
def dot_dot(scene: Scene, path: Path) -> None:
    up = "../" * 12
    _zip(
        path,
        [("solution.py", SOLUTION.encode()), (_named(f"{up}{scene.marker(220)}".replace("//", "/")), b"x")],
    )


@upload(221, "write to an absolute path", control="unpack by name")
def absolute(scene: Scene, path: Path) -> None:
    _zip(path, [("solution.py", SOLUTION.encode()), (_named(str(scene.marker(221))), b"x")])


@upload(222, "leave the folder by backslashes, where they separate folders")
def backslash(_: Scene, path: Path) -> None:
    _zip(path, [("solution.py", SOLUTION.encode()), (_named("..\\..\\evil.py", system=0), b"x")])


@upload(223, "name a drive of Windows")
def drive(_: Scene, path: Path) -> None:
    _zip(path, [("solution.py", SOLUTION.encode()), (_named("C:/evil.py"), b"x")])


@upload(224, "a symbolic link in an archive, which leads to a hidden test", control="unpack with links")
def link_in_archive(scene: Scene, path: Path) -> None:
    target = str(scene.hidden / "test_f1.py").encode()
    _zip(path, [(_named("solution.py", stat.S_IFLNK | 0o777), target)])


@upload(225, "a link to a folder, then a file through it", control="unpack with links")
def link_then_file(scene: Scene, path: Path) -> None:
    entries = [(_named("out", stat.S_IFLNK | 0o777), str(scene.dump).encode()),
               (_named(f"out/{scene.marker(225).name}"), b"x"), (_named("solution.py"), SOLUTION.encode())]  # fmt: skip
    _zip(path, entries)


@upload(226, "two files of one name: one is checked, the other used")
def duplicates(_: Scene, path: Path) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _zip(path, [("solution.py", SOLUTION.encode()), ("solution.py", b"raise SystemExit(0)\n")])


@upload(227, "a file that is a folder as well")
def file_and_folder(_: Scene, path: Path) -> None:
    _zip(path, [("solution.py", SOLUTION.encode()), (_named("solution.py/inner.py"), b"x")])


@upload(228, "300 MB of zeros in 300 KB", control="unpack in memory")
def bomb(_: Scene, path: Path) -> None:
    _zip(path, [("solution.py", bytes(300 << 20))])


@upload(229, "3,000 files")
def many_entries(_: Scene, path: Path) -> None:
    _zip(path, [(f"{number}.py", b"") for number in range(3000)])


@upload(230, "a bomb whose directory says that it is small", control="unpack in memory")
def lying_bomb(_: Scene, path: Path) -> None:
    _zip(path, [("solution.py", bytes(300 << 20))])
    data = path.with_suffix(".zip").read_bytes()
    size = (300 << 20).to_bytes(4, "little")
    assert data.count(size) == 2
    path.with_suffix(".zip").write_bytes(data.replace(size, (1000).to_bytes(4, "little")))


@upload(231, "an archive in an archive, which is a bomb")
def nested_bomb(_: Scene, path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("solution.py", bytes(100 << 20))
    _zip(path, [("work.zip", inner.getvalue())])


@upload(232, "line breaks and codes for the terminal in a name", control="list names")
def name_with_codes(scene: Scene, path: Path) -> None:
    _zip(path, [("solution.py", SOLUTION.encode()), (_named(f"\x1b]0;name-{scene.token}\x07\n.py"), b"x")])


@upload(
    233,
    "a symbolic link in a folder, which leads to a hidden test",
    control="copy and show",
    unopened="is a link",
)
def link_in_folder(scene: Scene, path: Path) -> None:
    path.mkdir()
    (path / "solution.py").symlink_to(scene.hidden / "test_f1.py")


@upload(234, "a hard link to a hidden test", control="copy and show", unopened="is a hard link")
def hard_link(scene: Scene, path: Path) -> None:
    path.mkdir()
    (path / "solution.py").hardlink_to(scene.hidden / "test_f1.py")


@upload(
    235,
    "a FIFO, at which a reader waits for ever",
    control="copy and show",
    unopened="is not an ordinary file",
)
def fifo(_: Scene, path: Path) -> None:
    path.mkdir()
    os.mkfifo(path / "solution.py")


@upload(236, "a socket in the place of a file", unopened="is not an ordinary file")
def unix_socket(_: Scene, path: Path) -> None:
    path.mkdir()
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(path / "solution.py"))


@upload(237, "the folder itself is a link to the course", control="copy and show", unopened="is a link")
def folder_is_link(scene: Scene, path: Path) -> None:
    path.symlink_to(scene.hidden)


@upload(238, "a folder that is a link to the work of a neighbour", unopened="is a link")
def copied_by_link(scene: Scene, path: Path) -> None:
    path.symlink_to(scene.submissions / "000_honest")


@upload(239, "brackets in brackets, a hundred thousand deep", rejected=False)
def deep_brackets(_: Scene, path: Path) -> None:
    _folder(path, solution=f"{SOLUTION}\nX = {'(' * 100_000}{')' * 100_000}\n")


@upload(240, "a hundred thousand minus signs", rejected=False, control="parse")
def deep_signs(_: Scene, path: Path) -> None:
    _folder(path, solution=f"{SOLUTION}\nX = {'-' * 100_000}1\n")


@upload(241, "a chain of a hundred thousand additions, attributes and calls", rejected=False, control="parse")
def long_chain(_: Scene, path: Path) -> None:
    _folder(path, solution=f"{SOLUTION}\nX = {'1+' * 100_000}1\nY = a{'.b' * 50_000}\n")


@upload(242, "a source that says it is written in a code of its own", rejected=False)
def strange_coding(_: Scene, path: Path) -> None:
    _folder(path)
    (path / "solution.py").write_bytes(b"# -*- coding: rot13 -*-\nvzcbeg bf; bf._rkvg(0)\n\0\n")


@upload(243, "a notebook whose JSON is a hundred thousand deep", control="parse notebook")
def deep_notebook(_: Scene, path: Path) -> None:
    path.mkdir()
    (path / "seminar_cnn.ipynb").write_text("[" * 100_000 + "]" * 100_000)


@upload(244, "a notebook in which nothing has the right type", control="parse notebook")
def wrong_notebook(_: Scene, path: Path) -> None:
    path.mkdir()
    cells = [{"cell_type": "code", "source": {"a": 1}, "metadata": [1], "id": 7}, None, "x"]
    (path / "seminar_cnn.ipynb").write_text(json.dumps({"cells": cells, "nbformat": "four", "metadata": []}))


@upload(245, "files that Python or pytest would run by themselves", rejected=False)
def files_that_run(scene: Scene, path: Path) -> None:
    _folder(path)
    run = f"open({str(scene.marker(245))!r}, 'w').close()\n"
    for name in (
        "conftest.py",
        "sitecustomize.py",
        "usercustomize.py",
        "torch.py",
        "json.py",
        "numpy/__init__.py",
    ):
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(run)
    (path / "pytest.ini").write_text("[pytest]\naddopts = -p evil\n")
    (path / "evil.pth").write_text(f"import os; {run}")


@upload(246, "package files outside the course's package, and one that ends the process", rejected=False)
def package_file(_: Scene, path: Path) -> None:
    (path / "hw_cnn" / "data").mkdir(parents=True)
    (path / "hw_cnn" / "metrics.py").write_text(
        "import os\n\nos._exit(0)\n\n\ndef topk_error(*a, **k):\n    return {}\n"
    )
    (path / "hw_cnn" / "__init__.py").write_text("import os\nos._exit(0)\n")


@upload(247, "one file of sixty megabytes", unopened="is larger than 50 MB")
def large_file(_: Scene, path: Path) -> None:
    _folder(path)
    with (path / "solution.py").open("ab") as stream:
        stream.truncate(60_000_000)


SEMINAR = """import torch
from torch import nn


class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        self.dense = nn.Linear(784, 10)

    def forward(self, images):
        return self.dense(images.flatten(1))


def train_seminar(datamodule, seed=0, accelerator="auto"):
    raise RuntimeError("no training here")
"""


@upload(249, "no checkpoint at all: what the submissions with a checkpoint are compared with", rejected=False)
def without_checkpoint(_: Scene, path: Path) -> None:
    _folder(path, solution=SEMINAR)


@upload(250, "a checkpoint that runs code when it is loaded", rejected=False, control="load checkpoint")
def pickled_code(scene: Scene, path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, (f"open({str(scene.marker(250))!r}, 'w').close()",)

    _folder(path, solution=SEMINAR)
    (path / "model.ckpt").write_bytes(pickle.dumps({"state_dict": Payload()}))


@upload(251, "a checkpoint in torch's own format that runs code", rejected=False, control="load checkpoint")
def torch_code(scene: Scene, path: Path) -> None:
    import torch

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, (f"open({str(scene.marker(251))!r}, 'w').close()",)

    _folder(path, solution=SEMINAR)
    torch.save({"state_dict": {"dense.weight": Payload()}}, path / "model.ckpt")


@upload(252, "a checkpoint of 2 KB that is a tensor of 64 GB", rejected=False, control="load and copy")
def huge_view(_: Scene, path: Path) -> None:
    import torch

    _folder(path, solution=SEMINAR)
    torch.save(
        {"dense.weight": torch.zeros(1).expand(1 << 34), "dense.bias": torch.zeros(10)}, path / "model.ckpt"
    )


@upload(253, "a safetensors file that announces 2^60 bytes", rejected=False)
def lying_safetensors(_: Scene, path: Path) -> None:
    _folder(path, solution=SEMINAR)
    (path / "model.safetensors").write_bytes((1 << 60).to_bytes(8, "little") + b"{}")


@upload(254, "a safetensors file whose arrays overlap and reach beyond its end", rejected=False)
def overlapping_safetensors(_: Scene, path: Path) -> None:
    _folder(path, solution=SEMINAR)
    entry = {"dtype": "F32", "shape": [10, 784], "data_offsets": [0, 31360]}
    header = json.dumps({"dense.weight": entry, "dense.bias": entry | {"shape": [1 << 40]}}).encode()
    (path / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"x")


@upload(255, "a safetensors file with a header that is a hundred thousand brackets deep", rejected=False)
def deep_safetensors(_: Scene, path: Path) -> None:
    _folder(path, solution=SEMINAR)
    header = b"[" * 100_000 + b"]" * 100_000
    (path / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)


MEMORISED = 260


@upload(
    MEMORISED,
    "weights trained on whatever, for a network that is right: worth little, and flagged",
    rejected=False,
)
def memorised(_: Scene, path: Path) -> None:
    network = ROOT / "hw_cnn" / "models" / "seminar.py"
    _folder(
        path,
        solution="def train_seminar(datamodule, seed=0, accelerator='auto'):\n    raise RuntimeError('no')\n",
    )
    (path / "hw_cnn" / "models").mkdir(parents=True)
    (path / "hw_cnn" / "models" / "seminar.py").write_text(
        network.read_text(encoding="utf-8") + "\n# mine\n", "utf-8"
    )
    weights = ROOT / "assignments" / "seminar_cnn" / "model.safetensors"
    (path / "model.safetensors").write_bytes(weights.read_bytes())

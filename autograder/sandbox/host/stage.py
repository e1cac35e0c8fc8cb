"""The folder that workers see: what they run of the grader, third-party packages, and a student edition per submission.

    runtime/autograder/   the few folders that a worker needs, and nothing else of the grader
    site/                 one symbolic link per third-party package; neither `hw_cnn` nor `autograder` is among them
    edition/hw_cnn/       the student edition, compiled
    overlays/<random>/    per submission: links to the edition, real files where the student's differ
    tmp/                  workers' temporary folders
    home/                 of the zygote
    root/                 empty; the zygote's private root is mounted there

Where there are namespaces, workers see this folder as /stage and `site` as mounts instead of links (`root`).
A worker's `sys.path` is the standard library, `site`, `runtime` and one overlay. So it does not matter how this
project is installed (editable, as a wheel, in the same environment): the reference cannot be imported.
"""

from __future__ import annotations

import os
import py_compile
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from autograder.sandbox.host.scratch import Scratch
from autograder.sandbox.kernel.trees import remove_tree

# All that a worker runs of the grader: these import nothing else of it.
RUNTIME = ("wire", "sandbox/kernel", "sandbox/jail", "sandbox/runner")
OURS = re.compile(
    r"(hw[-_.]?cnn|autograder|hw_cnn_student|autograder_.*)([-.].*)?|__editable__.*|_editable_impl_.*|.*\.(pth|egg-link)",
    re.IGNORECASE,
)


class Stage:
    """Use as a context: everything is removed at the end. `edition` maps "hw_cnn/..." to contents."""

    def __init__(self, edition: Mapping[str, bytes], base: Path | None = None) -> None:
        self._scratch = Scratch("stage", base)
        self.root = self._scratch.root
        try:
            self.root.chmod(0o711)
            self.runtime = self._runtime()
            self.site = self._site()
            self.edition = self._edition(edition)
            self.overlays = self._folder("overlays", 0o711)
            self.tmp = self._folder("tmp", 0o711)
            self.home = self._folder("home", 0o700)
            self._folder("root")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder. A forked child leaves it alone."""
        self._scratch.close()

    def make_overlay(self, package: Mapping[str, bytes]) -> Path:
        """A folder with `hw_cnn` as this student has it: the edition, with the files of `package` in their places.

        One worker at a time may use it; as root only that worker's user can read it.

        Raises: ValueError for a path that is not a file below hw_cnn/.
        """
        overlay = Path(tempfile.mkdtemp(dir=self.overlays))
        changed = {name: _checked(name) for name in package}
        self._link(
            self.edition / "hw_cnn", overlay / "hw_cnn", PurePosixPath("hw_cnn"), set(changed.values())
        )
        for name, path in changed.items():
            target = overlay / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(package[name])
        _open_up(overlay / "hw_cnn")
        return overlay

    def remove_overlay(self, overlay: Path) -> None:
        """Remove what `make_overlay` made."""
        if overlay.parent != self.overlays:
            raise ValueError(f"{overlay} is no overlay of this stage")
        remove_tree(overlay)

    def _link(self, source: Path, target: Path, name: PurePosixPath, changed: set[PurePosixPath]) -> None:
        """Link whole folders where nothing below them is changed, else their files one by one."""
        inside = {path for path in changed if path.is_relative_to(name)}
        if not inside:
            _link_to(source, target)
            return
        target.mkdir()
        for entry in os.scandir(source):
            path = name / entry.name
            if entry.name == "__pycache__":
                # Compiled files are used unchecked, so none may stand beside a changed source.
                if all(file.parent != name for file in inside):
                    _link_to(Path(entry.path), target / entry.name)
            elif entry.is_dir():
                self._link(source / entry.name, target / entry.name, path, inside)
            elif path not in inside:
                _link_to(Path(entry.path), target / entry.name)

    def _folder(self, name: str, mode: int = 0o755) -> Path:
        folder = self.root / name
        folder.mkdir()
        folder.chmod(mode)
        return folder

    def _runtime(self) -> Path:
        runtime = self._folder("runtime")
        package = Path(__file__).resolve().parents[2]
        for name in RUNTIME:
            for source in (package / name).glob("*.py"):
                target = runtime / "autograder" / source.relative_to(package)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        for name in ("__init__.py", "sandbox/__init__.py"):
            shutil.copyfile(package / name, runtime / "autograder" / name)
        _compile(runtime)
        _open_up(runtime)
        return runtime

    def _site(self) -> Path:
        site = self._folder("site")
        compiled = site / "__pycache__"
        compiled.mkdir()
        for folder in _package_folders():
            for entry in os.scandir(folder):
                link = site / entry.name
                if entry.name == "__pycache__":
                    _link_all(Path(entry.path), compiled)
                elif not OURS.fullmatch(entry.name) and not link.is_symlink():
                    link.symlink_to(Path(entry.path).resolve())
        _open_up(site)
        return site

    def _edition(self, files: Mapping[str, bytes]) -> Path:
        edition = self._folder("edition")
        for name, content in files.items():
            target = edition / _checked(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        _compile(edition)
        _open_up(edition)
        return edition


def _link_to(source: Path, target: Path) -> None:
    """Relative: workers may see the stage at another path."""
    target.symlink_to(os.path.relpath(source, target.parent))


def _package_folders() -> list[Path]:
    """Where third-party packages are installed for this interpreter."""
    folders = (Path(entry) for entry in sys.path)
    return [
        folder for folder in folders if folder.name in ("site-packages", "dist-packages") and folder.is_dir()
    ]


def _link_all(source: Path, target: Path) -> None:
    for entry in os.scandir(source):
        link = target / entry.name
        if not OURS.fullmatch(entry.name) and not link.is_symlink():
            link.symlink_to(Path(entry.path).resolve())


def _open_up(root: Path) -> None:
    """Let everybody read what was just made, whatever the umask is. Links are left alone."""
    if root.is_symlink():
        return
    for folder, _, names in os.walk(root):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o644)


def _checked(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or len(path.parts) < 2
        or path.parts[0] != "hw_cnn"
        or "\\" in name
    ):
        raise ValueError(f"{name!r} is not the path of a file below hw_cnn/")
    return path


def _compile(folder: Path) -> None:
    """Compile what can be compiled. Unchecked: a worker compares no times and writes nothing."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for source in folder.rglob("*.py"):
        name = str(source.relative_to(folder))
        py_compile.compile(str(source), dfile=name, quiet=2, invalidation_mode=mode)

"""Which of the handed-in files count: the notebook, solution.py, changed package files, the checkpoint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from autograder.intake.encodings import decode
from autograder.intake.uploads.names import printable
from autograder.intake.uploads.rejection import refuse
from autograder.intake.uploads.taking import is_archive, take, take_archive
from autograder.text import Text

CHECKPOINTS = ("model.safetensors", "model.ckpt")
TIMESTAMP = "timestamp.txt"
TIMESTAMP_BYTES = 200
PACKAGE = "hw_cnn/"
COPY_NUMBER = re.compile(r"[ _(\-]*(\d*)[)]*$")


@dataclass
class Chosen:
    """The files of a submission that count.

    folder: that of the notebook or script, in which its kernel works; "" is the top. own: modules, data files and
    other notebooks that the code may ask for, by their path from the top. used: path -> bytes of all of them, for the
    digest. staff_notes: what only staff should know.
    """

    notebook: str | None = None
    solution: str | None = None
    package: dict[str, bytes] = field(default_factory=dict)
    checkpoint: bytes | None = None
    checkpoint_name: str | None = None
    submitted_at: datetime | None = None
    used: dict[str, bytes] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    folder: str = ""
    own: dict[str, bytes] = field(default_factory=dict)
    staff_notes: list[Text] = field(default_factory=list)


def take_files(path: Path, upload_mb: int, base: Path | None = None) -> dict[str, bytes]:
    """Read everything that may count. A folder that only holds one archive (as LMS make them) is that archive.

    base: a folder above that the grader was told to trust. Raises: Rejected; OSError when the grader itself
    may not read the disk.
    """
    files = take(path, wanted, upload_mb, base)
    inner = [name for name in files if is_archive(name)]
    plain = {name: data for name, data in files.items() if name not in inner}
    if inner and set(plain) <= {TIMESTAMP}:
        if len(inner) > 1:
            names = ", ".join(printable(name) for name in inner)
            raise refuse(
                f"сдано несколько архивов ({names}); оставьте один", f"several archives ({names}); keep one"
            )
        return {**take_archive(files[inner[0]], inner[0], wanted, upload_mb), **plain}
    return plain


def wanted(path: str) -> bool:
    """Whether the bytes of a file can matter."""
    name = PurePosixPath(path).name
    return (
        name.lower().endswith((".ipynb", ".py"))
        or name in (*CHECKPOINTS, TIMESTAMP)
        or ("/" not in path and is_archive(name))
    )


def choose(files: Mapping[str, bytes], assignment: str, edition: Mapping[str, bytes]) -> Chosen:
    """Pick the files that count. Raises: Rejected when there is nothing, or no telling which notebook."""
    files = _below_base(files, assignment)
    chosen = Chosen()
    chosen.notebook = _pick(files, f"{assignment}.ipynb", chosen)
    scripts = {name: data for name, data in files.items() if name.endswith(".py")}
    if chosen.notebook is None or any(name.startswith("solution") for name in scripts):
        chosen.solution = _pick(scripts, "solution.py", chosen)
    for name, data in files.items():
        is_module = name in edition and name.startswith(PACKAGE) and name.endswith(".py")
        if is_module and decode(data) != decode(edition[name]):
            chosen.package[name] = data
    for name in reversed(CHECKPOINTS):
        if name in files:
            chosen.checkpoint, chosen.checkpoint_name = files[name], name
    names = [chosen.notebook, chosen.solution, *chosen.package, chosen.checkpoint_name]
    chosen.used = {name: files[name] for name in names if name is not None}
    if not chosen.used and not any(name in edition for name in files):
        raise refuse(
            f"проверять нечего: нет ни {assignment}.ipynb, ни solution.py, ни файлов пакета hw_cnn",
            f"there is nothing to grade: no {assignment}.ipynb, no solution.py, no file of hw_cnn",
        )
    if TIMESTAMP in files:
        chosen.submitted_at = read_timestamp(decode(files[TIMESTAMP][:TIMESTAMP_BYTES]))
    return chosen


def _below_base(files: Mapping[str, bytes], assignment: str) -> dict[str, bytes]:
    """The files below the folder that holds the work: the top, or the only folder with the notebook or
    solution.py.
    """
    if any("/" not in name and name.endswith((".ipynb", ".py")) for name in files) or any(
        name.startswith(PACKAGE) for name in files
    ):
        return dict(files)
    known = (f"{assignment}.ipynb", "solution.py")
    bases = {str(PurePosixPath(name).parent) for name in files if PurePosixPath(name).name in known}
    if len(bases) != 1:
        return dict(files)
    prefix = bases.pop() + "/"
    return {name.removeprefix(prefix): data for name, data in files.items() if name.startswith(prefix)}


def _pick(files: Mapping[str, bytes], expected: str, chosen: Chosen) -> str | None:
    """The file named `expected`, else a copy of it ("name (1).ipynb"), else the only one of its kind."""
    stem, suffix = expected.rsplit(".", 1)
    same_kind = sorted(name for name in files if "/" not in name and name.lower().endswith("." + suffix))
    if expected in same_kind:
        picked = expected
    else:
        named = [name for name in same_kind if name.lower().startswith(stem.lower())]
        candidates = named or same_kind
        if not candidates:
            return None
        if len(candidates) > 1 and (not named or suffix == "py"):
            names = ", ".join(printable(name) for name in candidates)
            raise refuse(
                f"непонятно, какой файл проверять ({names}); назовите нужный «{expected}»",
                f"it is unclear which file counts ({names}); name it {expected!r}",
            )
        picked = max(candidates, key=_copy_number)
    if len(same_kind) > 1 or picked != expected:
        chosen.notes.append(
            Text(ru=f"проверен файл «{printable(picked)}»", en=f"graded file: {printable(picked)}")
        )
    return picked


def _copy_number(name: str) -> tuple[int, str]:
    number = COPY_NUMBER.search(name.rsplit(".", 1)[0])
    return int(number[1]) if number and number[1] else 0, name


def read_timestamp(text: str) -> datetime | None:
    """nbgrader's "2025-02-02 15:58:23.948203 Europe/Moscow"; None when it is something else."""
    parts = text.split()
    try:
        moment = datetime.fromisoformat(" ".join(parts[:2]))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        zone = ZoneInfo(parts[2]) if len(parts) > 2 else UTC
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OSError, KeyError, OverflowError):
        return None

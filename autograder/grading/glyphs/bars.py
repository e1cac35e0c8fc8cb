"""The bars of a course, measured once a run: kept below `--out`, by everything that could change them.

Judges are forks that may all want them at once: the first that has the lock measures, the others wait and read. The
kernel takes the lock from a judge that is killed, and a file is renamed into place whole, so the next one measures anew
or finds all of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.manifest import Test
from autograder.errors import GraderError, StoreError
from autograder.grading.glyphs.exam import Bars, Examination, glyph_secret
from autograder.grading.glyphs.reference import train_reference
from autograder.grading.settings import Settings
from autograder.remote.session import Transport
from autograder.results.store import write_atomically
from autograder.sandbox.host.connection import MachineError

FOLDER = "glyphs"


@dataclass(frozen=True)
class Examiner:
    """Gives a judge the glyphs of its course with their bars.

    Args:
        folder: where bars are kept.
        connect: gives a worker that holds the reference; used only when bars must be measured.
    """

    settings: Settings
    folder: Path
    connect: Callable[[], contextlib.AbstractContextManager[Transport]]

    def examination(self, tests: Iterable[Test]) -> Examination | None:
        """None where none of the tests measures glyphs. Bars that cannot be measured are an error in it.

        Raises: MachineError.
        """
        margins = [
            test.threshold.margin
            for test in tests
            if test.threshold is not None and test.threshold.margin is not None
        ]
        if not margins:
            return None
        exam = Examination(glyph_secret(self.settings.key, self.settings.manifest.name), margins[0])
        try:
            return replace(exam, bars=self._bars(exam))
        except MachineError:  # the submission is judged again
            raise
        except GraderError as error:
            return replace(exam, bars=error)

    def _bars(self, exam: Examination) -> Bars:
        """Raises: GraderError."""
        path = self.folder / f"{self._name(exam)}.json"
        bars = read_bars(path)
        if bars is None:
            with _locked(path.with_suffix(".lock")):
                bars = read_bars(path)
                if bars is None:
                    bars = self._measured(exam)
                    write_atomically(path, json.dumps(bars._asdict()).encode() + b"\n")
        return bars

    def _measured(self, exam: Examination) -> Bars:
        with self.connect() as transport:
            accuracy, cpu_s = train_reference(transport, self.settings.manifest, exam)
        bars = Bars(exam.ridge(), accuracy, cpu_s)
        if not bars.ridge < bars.reference - exam.margin:
            raise GraderError(
                f"the reference's training reaches {accuracy:.3f} on the glyphs of this course, a ridge on pixels "
                f"{bars.ridge:.3f}: mend the reference, or take another course key"
            )
        return bars

    def _name(self, exam: Examination) -> str:
        settings = self.settings
        parts = (exam.secret.hex(), settings.grader_sha256, settings.environment_sha256, settings.device)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def read_bars(path: Path) -> Bars | None:
    """None where there are none, or what is there is not whole: they are measured again."""
    try:
        values = json.loads(path.read_bytes())
        return Bars(*(float(values[name]) for name in Bars._fields))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which stays. Raises: StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}; free space or choose another --out"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

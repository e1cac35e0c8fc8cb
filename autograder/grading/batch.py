"""Grade a class: stage the student edition, start the zygote, collect the hidden tests, judge each submission."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.assignment import Assignment, environment_sha256, versions
from autograder.course.variants import known_variants, of_tasks
from autograder.errors import GraderError, UsageError
from autograder.grading import fork_pool, stopping, unjudged
from autograder.grading.inputs import no_device
from autograder.grading.settings import Settings
from autograder.intake.students import Upload, find_submissions, left_aside
from autograder.results.finished import Finished
from autograder.results.grade import Grade
from autograder.results.store import Store
from autograder.roster.collected import not_taken, time_key
from autograder.text import Lang
from hw_cnn import _memory

if TYPE_CHECKING:
    from autograder.grading.diagnosis import Diagnostician
    from autograder.grading.glyphs.bars import Examiner
    from autograder.grading.hidden_tests import HiddenTests
    from autograder.grading.judge import Workers
    from autograder.results.grade import SandboxReport
    from autograder.sandbox.host.bare import BareWorkers
    from autograder.sandbox.host.gpus import Share
    from autograder.sandbox.host.zygote_client import ZygoteClient

# What a judge sends when the zygote, or the reader, ended under it; a grade is JSON.
_ZYGOTE_ENDED, _READER_ENDED = b"zygote ended", b"reader ended"
# Then follows what the device, or its library, said.
_DEVICE_FAILED, _DEVICE_FULL = b"device failed: ", b"device full: "
_MOST_RESTARTS = 2
MOST_NAMED = 5


@dataclass(frozen=True)
class Options:
    """What the command line decides about a run.

    Args:
        shares: of the GPUs, for `device` "cuda": each is for one submission at a time. Without them all of the GPUs
            that this process sees are for all.
        times: when work came in, by `roster.collected.time_key`; who stands there has that time and no other.
        secrets: files beside the run's own that no worker may read.
        examples: whether failed tests get one.
    """

    key: bytes
    lang: Lang = "ru"
    device: str = "cpu"
    shares: tuple[Share, ...] = ()
    jobs: int = 1
    regrade: bool = False
    roster: tuple[str, ...] = ()
    times: Mapping[str, datetime | None] = field(default_factory=dict)
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    secrets: tuple[Path, ...] = ()
    examples: bool = True


def grade(
    assignment: Assignment,
    submissions: Path,
    store: Store,
    options: Options,
    on_finished: Callable[[Finished], None],
    on_start: Callable[[int], None] | None = None,
) -> list[Grade]:
    """Grade everything below `submissions`; each result is stored, then handed to `on_finished`, as it is known.

    `on_start` is told how many there are.

    Raises: UsageError for input that cannot be used, StoreError when a result cannot be written. Results that were
    stored before an error stay valid, and the next run continues after them. KeyboardInterrupt, where stopping was
    asked for; the table holds what was finished until then.
    """
    begun = datetime.now(UTC)
    batch = Batch(assignment, submissions, store, options, on_finished)
    # First: whoever asks meanwhile, or after a kill, needs them.
    store.save_manifest(assignment.manifest)
    store.save_places(assignment.folder, submissions)
    if on_start is not None:
        on_start(len(batch.uploads) + len(batch.absent))
    try:
        batch.run()
    except KeyboardInterrupt:
        store.save_scores(assignment.manifest)
        raise
    store.save_scores(assignment.manifest)
    store.save_places(assignment.folder, submissions, begun)
    return sorted(batch.grades, key=lambda grade: grade.student)


class Batch:
    """The submissions of a run: who handed in, who did not, and the grades so far."""

    def __init__(
        self,
        assignment: Assignment,
        submissions: Path,
        store: Store,
        options: Options,
        on_finished: Callable[[Finished], None],
    ) -> None:
        self.assignment, self.submissions = assignment, submissions
        self.store, self.options = store, options
        self.uploads = find_submissions(submissions, assignment.name)
        if options.only:
            self.uploads = [item for item in self.uploads if item.student in options.only]
        # Whose work is not here and whose result is damaged is named, and does not become missing by that.
        damaged = {one.student for one in store.unreadable()}
        self.absent = sorted(set(options.roster) - {item.student for item in self.uploads} - damaged)
        if not self.uploads and not self.absent:
            aside = ", ".join(left_aside(submissions)[:MOST_NAMED])
            raise UsageError(
                f"{submissions} holds no submission; each student has a folder or a zip in it"
                + (f", whose name does not begin with _ (there is {aside})" if aside else "")
            )
        self.grades: list[Grade] = []
        self._on_finished = on_finished

    def run(self) -> None:
        """Judge them all. Raises: UsageError, StoreError, GraderError."""
        from autograder.sandbox.host.bare import BareWorkers
        from autograder.sandbox.host.probe import can_supervise
        from autograder.sandbox.host.reader import Reader
        from autograder.sandbox.host.stage import Stage
        from autograder.sandbox.host.zygote_client import ZygoteClient

        secrets = (self.assignment.folder, self.submissions, self.store.out, *self.options.secrets)
        with ExitStack() as stack:
            stage = stack.enter_context(Stage(self.assignment.edition))
            reader = Reader(self.assignment.manifest, self.assignment.edition, stage.home)
            stack.callback(reader.close)
            reader.launch()
            kind: type[ZygoteClient] | type[BareWorkers] = ZygoteClient if can_supervise() else BareWorkers
            limits = self.assignment.manifest.limits
            zygote = kind(stage, limits=limits, device=self.options.device, secrets=secrets)
            stack.callback(zygote.close)
            zygote.launch()  # it imports Lightning while this process imports torch
            with _memory.importing():
                import torch

                from autograder.grading.hidden_tests import serve_hidden_tests
                from autograder.grading.judge import Workers

            stopping.check()
            torch.set_num_threads(1)  # a judge is forked: OpenMP threads of its parent would hang it
            workers = Workers(stage, zygote, reader)
            serve_hidden_tests(
                self.assignment.folder, self.assignment.manifest, lambda hidden: self._serve(workers, hidden)
            )

    def _serve(self, workers: Workers, hidden: HiddenTests) -> None:
        from autograder.grading.diagnosis import Diagnostician
        from autograder.grading.glyphs.bars import FOLDER, Examiner
        from autograder.grading.glyphs.reference import reference_worker
        from autograder.sandbox.host.connection import DeviceError

        stopping.check()
        workers.reader.wait()
        self._take_share(workers, 0, whole=False)
        try:
            workers.zygote.wait()
        except DeviceError as error:
            raise GraderError(no_device(str(error))) from error
        stopping.check()
        settings = self._settings(workers.zygote.report)
        folder = self.assignment.folder
        manifest = self.assignment.manifest
        diagnostician = Diagnostician(folder, manifest, of_tasks(manifest, known_variants(folder)))
        examiner = Examiner(
            settings,
            self.store.out / FOLDER,
            lambda: reference_worker(workers.stage, workers.zygote, settings.manifest),
        )
        lost = not_taken(self.submissions)
        for student in self.absent:
            why = lost.get(time_key(student), "")
            previous = self.store.load(student)
            if previous is not None and previous.status != "missing":
                # Somebody has renamed or moved an upload, or this folder is a part of the class: nobody loses a grade.
                self._keep(Finished(previous, kept=True))
                continue
            self._keep(Finished(unjudged.missing_grade(settings, student, previous, why), kept=False))
        self._judge_all(
            settings,
            workers,
            lambda item: self._judge(item, settings, workers, hidden, diagnostician, examiner),
        )

    def _judge(
        self,
        item: Upload,
        settings: Settings,
        workers: Workers,
        hidden: HiddenTests,
        diagnostician: Diagnostician,
        examiner: Examiner,
    ) -> bytes:
        """In a fork of this process: the grade of one submission, as JSON."""
        from autograder.grading.judge import judge
        from autograder.sandbox.host.connection import DeviceError, DeviceMemoryError, ZygoteEndedError
        from autograder.sandbox.host.reading import ReaderEndedError

        previous = self.store.load(item.student)
        try:
            grade = judge(
                settings,
                item,
                workers,
                hidden,
                diagnostician,
                previous,
                examiner=examiner,
                regrade=self.options.regrade,
                only=self.options.only.get(item.student),
            )
        except ZygoteEndedError:
            return _ZYGOTE_ENDED
        except ReaderEndedError:
            return _READER_ENDED
        except DeviceMemoryError as error:
            return _DEVICE_FULL + str(error).encode()
        except DeviceError as error:
            return _DEVICE_FAILED + str(error).encode()
        except (GraderError, OSError) as error:
            grade = unjudged.failed_grade(settings, item.student, str(error), previous)
        return grade.model_dump_json(by_alias=True).encode()

    def _judge_all(self, settings: Settings, workers: Workers, work: Callable[[Upload], bytes]) -> None:
        """Judge each submission. A zygote or reader that ends is started again, what was under way is judged again.

        What a device had no answer or no memory for is judged once more at the end, alone.

        Raises: GraderError: the device gives no answer then, either.
        """
        deadline = 1.5 * settings.manifest.limits.submission_s + 60.0
        waiting = {item.student: item for item in self.uploads}
        alone: dict[str, Upload] = {}
        restarts: Counter[str] = Counter()
        while waiting or alone:
            is_last = not waiting
            if is_last:
                waiting, alone = alone, {}
            jobs = fork_pool.run(
                list(waiting.values()),
                work,
                slots=1 if is_last else self.options.jobs,
                deadline_s=deadline,
                enter=lambda slot, whole=is_last: self._take_share(workers, slot, whole=whole),  # type: ignore[misc]  # mypy cannot type the default
            )
            with closing(jobs) as done_jobs:
                for done in done_jobs:
                    student = done.job.student
                    if (done.payload or b"").startswith((_DEVICE_FAILED, _DEVICE_FULL)):
                        if not is_last:
                            alone[student] = waiting.pop(student)
                            continue
                        done = replace(done, payload=None, reason=_without_device(done.payload or b""))
                    if done.payload in (_ZYGOTE_ENDED, _READER_ENDED):
                        restarts[student] += 1
                        if restarts[student] <= _MOST_RESTARTS:
                            break
                        ended = done.payload.decode()
                        done = replace(done, payload=None, reason=f"the {ended} each time it was judged")
                    del waiting[student]
                    self._keep(self._finished(settings, done))
                else:
                    continue
            (workers.reader if done.payload == _READER_ENDED else workers.zygote).start()

    def _take_share(self, workers: Workers, slot: int, *, whole: bool) -> None:
        """In a judge: let its workers have the share of the GPUs that its slot stands for, or the `whole` GPU."""
        if self.options.shares:
            share = self.options.shares[slot % len(self.options.shares)]
            workers.zygote.share = replace(share, fraction=1.0) if whole else share

    def _finished(self, settings: Settings, done: fork_pool.Done[Upload]) -> Finished:
        student = done.job.student
        return unjudged.received(
            settings,
            student,
            done.payload,
            done.reason,
            self.store.load(student),
            all_tests=student not in self.options.only,
        )

    def _keep(self, finished: Finished) -> None:
        grade = unjudged.with_time(finished.grade, self.assignment.manifest.dates.due, self.options.times)
        if not finished.kept or grade != finished.grade:
            finished = replace(finished, grade=grade)
            self.store.save(grade)
        self.grades.append(finished.grade)
        self._on_finished(finished)

    def _settings(self, report: SandboxReport) -> Settings:
        return Settings(
            manifest=self.assignment.manifest,
            edition=self.assignment.edition,
            key=self.options.key,
            lang=self.options.lang,
            device=self.options.device,
            sandbox=report,
            versions=versions(),
            grader_sha256=self.assignment.grader_sha256,
            environment_sha256=environment_sha256(),
            checkpoint=self.assignment.checkpoint,
            examples=self.options.examples,
        )


def _without_device(payload: bytes) -> str:
    """Why staff must look at a submission that was alone on the device. Raises: GraderError: there is no device."""
    if payload.startswith(_DEVICE_FAILED):
        raise GraderError(no_device(payload.removeprefix(_DEVICE_FAILED).decode()))
    said = payload.removeprefix(_DEVICE_FULL).decode()
    return (
        f"{said}; it was alone on the GPU: grade it on a larger one, or with --device cpu into another --out"
    )

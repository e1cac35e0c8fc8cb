"""Which example a failed test gets: the smallest call, the place in a network, the loss, else what it compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.course.manifest import Manifest, Task
from autograder.grading.examples.example import References, example_of
from autograder.grading.examples.losses import Asked, asked_in, example_of_classifier, is_classifier
from autograder.grading.examples.networks import Networks
from autograder.grading.examples.shrinking import SECONDS, Shrinker
from autograder.grading.verdicts.limits import Overrun, limited
from autograder.grading.verdicts.reference import reference_student
from autograder.grids.values import cut
from autograder.remote.records import CallRecord
from autograder.remote.student import Student
from autograder.remote.words.requests import failed_request
from autograder.results.grade import Example
from autograder.text import Lang


class Explainer:
    """Makes the examples of one submission. student: workers that have met no hidden test.

    salt: of the examples' own numbers; the same on a resubmission.
    """

    def __init__(
        self,
        manifest: Manifest,
        student: Student,
        references: References,
        salt: Callable[[str], bytes],
        lang: Lang,
    ) -> None:
        self._manifest, self._student, self._references = manifest, student, references
        self._salt, self._lang = salt, lang
        self._shrinker = Shrinker(student)
        self._models: set[tuple[str, Asked]] = set()

    def example(
        self, task: Task, failure: BaseException | None, calls: Sequence[CallRecord] = ()
    ) -> Example | None:
        """Of a test that was repeated and ended with `failure` after these calls; None where nothing can be shown."""
        made, transcript = self._student.making_calls, self._student.transcript
        self._shrinker.begin_task(task.id)
        asked = asked_in(transcript) if is_classifier(task) else "loss"
        found = self._limited(
            lambda: example_of(failure, calls, self._references, self._lang, self._shrinker)
        )
        if found is not None and found.error and not found.call and failure is not None:
            found = found.model_copy(update={"call": cut(failed_request(transcript, failure, self._lang))})
        is_about_a_call = found is not None and (found.call or found.error)
        if is_about_a_call or not isinstance(failure, AssertionError) or (task.id, asked) in self._models:
            return found
        self._models.add((task.id, asked))  # one of these for all tests that ask for it: it would be the same
        return self._limited(lambda: self._of_model(task, made, asked)) or found

    def _of_model(self, task: Task, made: Sequence[CallRecord], asked: Asked) -> Example | None:
        seed = int.from_bytes(self._salt(f"model of {task.id}")[:6], "big")
        self._student.begin_test(SECONDS)
        if is_classifier(task):
            return example_of_classifier(self._student, seed, self._lang, asked)
        names = {symbol.name for symbol in task.tops}
        call = next((record for record in made if record.name in names), None)
        if call is None:
            return None
        reference = reference_student(self._manifest)
        return Networks(self._manifest, self._student, reference, seed).example(call, self._lang)

    @staticmethod
    def _limited(make: Callable[[], Example | None]) -> Example | None:
        try:
            with limited():
                return make()
        except (Exception, Overrun):  # an answer may be anything; without an example the verdict stands
            return None

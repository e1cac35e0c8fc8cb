"""Which example a failed test gets: the smallest call, the place in a network, the loss, else what it compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType

from autograder.course.manifest import Manifest, Task, Test
from autograder.grading.examples.example import References, example_of
from autograder.grading.examples.losses import Asked, asked_in, example_of_classifier, is_classifier
from autograder.grading.examples.networks import Networks
from autograder.grading.examples.shrinking import SECONDS, Shrinker
from autograder.grading.verdicts.limits import Overrun, limited
from autograder.grading.verdicts.reference import reference_student
from autograder.grading.verdicts.replays import answer_of, replay, same
from autograder.grids.values import cut
from autograder.remote.records import CallRecord
from autograder.remote.student import Student
from autograder.remote.words.requests import failed_request
from autograder.results.grade import Example
from autograder.testing import Difference
from autograder.text import Lang, Text

ANSWER_IS_RIGHT = Text(
    ru="сам ответ верен, нарушено остальное, о чём говорит проверка",
    en="the answer itself is right, the rest of what the check asks is not",
)
OTHER_ORDER = Text(ru="ключи словаря в другом порядке", en="the keys of the dictionary come in another order")
# Of one test's; each is made twice, and computes.
MOST_NETWORKS = 6

# In the public sentence of a test that asks for one.
EXCEPTION = re.compile(r"\b[A-Z]\w*Error\b")


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
        self._models: dict[tuple[str, Asked], Example | None] = {}
        self._networks: dict[tuple[str, str], Example | None] = {}
        self._told: list[Example] = []

    def example(
        self,
        task: Task,
        failure: BaseException | None,
        calls: Sequence[CallRecord] = (),
        test: Test | None = None,
        module: ModuleType | None = None,
    ) -> Example | None:
        """Of a test that was repeated and ended with `failure` after these calls; None where nothing can be shown.

        module: of the test, which may say how its calls are drawn (`illustrate_<name>`).
        """
        made, transcript = self._student.making_calls, self._student.transcript
        self._shrinker.begin_task(task.id)
        asked = asked_in(transcript) if is_classifier(task) else "loss"
        found = self._limited(
            lambda: example_of(
                failure,
                calls,
                self._references.of_test(module),
                self._lang,
                self._shrinker,
                of_refusal=test is not None and EXCEPTION.search(test.sentence.en) is not None,
            )
        )
        if found is not None and found.error and not found.call and failure is not None:
            found = found.model_copy(update={"call": cut(failed_request(transcript, failure, self._lang))})
        is_about_a_call = found is not None and (found.call or found.error)
        if is_about_a_call or not isinstance(failure, AssertionError):
            return found
        refused = [record for record in calls if record.failure is not None]
        found = self._told_once(self._of_model(task, [*made, *refused], asked), found)
        if found is not None or isinstance(failure, Difference):
            return found
        return self._limited(lambda: self._of_right_answer(calls) or self._of_making(task, made))

    def _of_making(self, task: Task, made: Sequence[CallRecord]) -> Example | None:
        """The last object that a test made of a task's class: in it something is missing that is no number."""
        names = {symbol.name for symbol in task.tops}
        record = next((record for record in reversed(made) if record.name in names), None)
        return None if record is None else Example(call=self._references.call_in_words(record, self._lang))

    def _of_right_answer(self, calls: Sequence[CallRecord]) -> Example | None:
        """The last call of a task's function whose answer is right, where a test asks for more than the answer."""
        for record in reversed(calls):
            right = replay(self._references.of(record.name), record)
            if not same(right, answer_of(record)):
                continue
            words = self._references.call_in_words(record, self._lang)
            got, expected = record.out, right[0] if isinstance(right, tuple) else None
            if isinstance(got, dict) and isinstance(expected, dict) and list(got) != list(expected):
                orders = (cut(", ".join(map(str, keys))) for keys in (got, expected))
                text = f"{words}  # {OTHER_ORDER.get(self._lang)}"
                return Example(call=text, **dict(zip(("got", "expected"), orders, strict=True)))
            return Example(call=f"{words}  # {ANSWER_IS_RIGHT.get(self._lang)}")
        return None

    def _told_once(self, of_model: Example | None, found: Example | None) -> Example | None:
        """What was told of another test before, without its numbers, where this one has nothing else to show."""
        if of_model is None:
            return found
        if of_model in self._told:
            return found or of_model.model_copy(update={"arrays": ()})
        self._told.append(of_model)
        return of_model

    def _of_model(self, task: Task, made: Sequence[CallRecord], asked: Asked) -> Example | None:
        """Of the `Classifier`, or of the first network of a test that is another one than the reference's."""
        seed = int.from_bytes(self._salt(f"model of {task.id}")[:6], "big")
        self._student.begin_test(SECONDS)
        if is_classifier(task):
            key = task.id, asked
            if key not in self._models:
                self._models[key] = self._limited(
                    lambda: example_of_classifier(self._student, seed, self._lang, asked)
                )
            return self._models[key]
        names = {symbol.name for symbol in task.tops}
        of_task = [record for record in made if record.name in names]
        different = {repr((record.name, record.args, record.kwargs)): record for record in reversed(of_task)}
        for words, record in list(reversed(different.items()))[:MOST_NETWORKS]:
            if (task.id, words) not in self._networks:
                self._networks[task.id, words] = self._limited(partial(self._of_network, record, seed))
            if (example := self._networks[task.id, words]) is not None:
                return example
        return None

    def _of_network(self, call: CallRecord, seed: int) -> Example | None:
        reference = reference_student(self._manifest)
        return Networks(self._manifest, self._student, reference, seed).example(call, self._lang)

    @staticmethod
    def _limited(make: Callable[[], Example | None]) -> Example | None:
        try:
            with limited():
                return make()
        except (Exception, Overrun):  # an answer may be anything; without an example the verdict stands
            return None

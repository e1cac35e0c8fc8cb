"""A student's page, to hand out: every task with every lost point and its reason, and nothing of anybody else.

Not on it: anybody else, notes for staff, why the grader failed, who has marked, salts. No script may run there.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from autograder.course.manifest import Manifest
from autograder.grids.html import STYLE
from autograder.results.grade import TestResult, ThresholdResult
from autograder.results.lateness import in_zone_of_due, own_due
from autograder.results.marked import NO_POINTS, UNREAD, Marked
from autograder.results.report.causes import in_groups, reason_of, with_example
from autograder.results.report.environment import pages
from autograder.results.report.ramp import Ramp, ramp_picture
from autograder.results.report.words import STUDENT, in_lang
from autograder.text import Lang


class StudentPages:
    """Makes the pages of one class: the templates are read once for each language."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._templates = {lang: pages(lang).get_template("student.html.j2") for lang in ("ru", "en")}
        self._sentences = {
            lang: {test.id: test.sentence.get(lang) for task in manifest.tasks for test in task.tests}
            for lang in ("ru", "en")
        }

    def render(self, one: Marked) -> str:
        """The page as text, in the language of the grade."""
        grade = one.grade
        lang: Lang = grade.lang
        sentences = self._sentences[lang]

        def ramps(test: TestResult) -> list[tuple[ThresholdResult, Ramp]]:
            found = [own for own in grade.thresholds if own.id == test.id and own.value is not None]
            return [(own, ramp_picture(self._manifest, own)) for own in found]

        def groups(tests: Sequence[TestResult]) -> list[tuple[TestResult, ...]]:
            return in_groups(tests, sentences)

        return self._templates[lang].render(
            title=self._manifest.title.get(lang),
            lang=lang,
            say=in_lang(STUDENT, lang),
            one=one,
            grade=grade,
            is_read=grade.status not in UNREAD and bool(one.tasks),
            is_kept_by_publishing=one.score > one.earned,
            handed_in=grade.submitted_at and in_zone_of_due(self._manifest.dates, grade.submitted_at),
            due=own_due(self._manifest.dates, one.person) if one.late.is_late else None,
            extension=one.person.extension_hours if one.person else 0.0,
            is_price_told=any({True, False} <= {test.passed for test in task.tests} for task in one.tasks),
            is_forgiven=any(test.forgiven for task in one.tasks for test in task.tests),
            has_bonus=any(task.bonus for task in one.tasks),
            overrides={
                task.id: [own for own in grade.overrides if own.task == task.id] for task in one.tasks
            },
            no_points=NO_POINTS,
            sentence=lambda test: sentences.get(test.id, test.id),
            groups=groups,
            reason=lambda test: reason_of(test, sentences),
            shown=with_example,
            ramps=ramps,
            grid_style=Markup(STYLE),
        )

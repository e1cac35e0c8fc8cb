"""The page of the class, for staff: who needs a person, how it went, which misconceptions there are, all points.

It holds a table and no details, which stand on the students' own pages: so it opens at once for a thousand students.
One script of ours sorts and filters; the page's policy (https://www.w3.org/TR/CSP3) allows it by its hash alone.
"""

from __future__ import annotations

import base64
import hashlib
import statistics
from collections.abc import Mapping, Sequence
from importlib import resources

from markupsafe import Markup

from autograder.course.manifest import Manifest
from autograder.results.marked import UNREAD, Marked
from autograder.results.report import overview
from autograder.results.report.behind import NOTHING_BEHIND, Behind
from autograder.results.report.environment import pages
from autograder.results.report.histogram import histogram
from autograder.results.report.marking import PAGE as MARKING
from autograder.results.report.names import link
from autograder.results.report.overview import Case
from autograder.results.report.words import CLASS, in_lang, spread, status_in_words
from autograder.results.totals import round_half_up
from autograder.text import Lang

RESTORE = 'autograder restore DIR STUDENT TASK --by "..." --reason "..."'
MISCONCEPTIONS_SHOWN = 12
"""The most frequent; the others are folded."""
SCRIPT = (resources.files("autograder.results.report") / "templates" / "class.js").read_text("utf-8")


def render_class(
    manifest: Manifest,
    marked: Sequence[Marked],
    names: Mapping[str, str],
    *,
    unreadable: Sequence[str] = (),
    doubts: Sequence[str] = (),
    behind: Behind = NOTHING_BEHIND,
) -> str:
    """The page as text, in the language of the first grade.

    Args:
        names: student -> the file of the own page, as `page_names` gives it.
        unreadable: students whose stored result cannot be read.
        doubts: a sentence for each test that may be wrong.
        behind: whose submission is not there now, and earlier attempts.
    """
    lang: Lang = marked[0].grade.lang
    everybody = overview.in_order(marked)
    read = overview.were_read(everybody)
    needs = overview.needs(everybody, lang)
    points = sorted(one.score for one in read)
    middle = statistics.median(points) if points else 0.0
    return (
        pages(lang)
        .get_template("class.html.j2")
        .render(
            manifest=manifest,
            title=manifest.title.get(lang),
            lang=lang,
            say=in_lang(CLASS, lang),
            marked=everybody,
            links={student: link(name) for student, name in names.items()},
            has_names=any(one.person is not None and one.person.name for one in everybody),
            namesakes=overview.namesakes(everybody),
            groups=sorted({one.person.group for one in everybody if one.person and one.person.group}),
            is_any_late=any(one.late.is_late for one in everybody),
            statuses=sorted({status_in_words(one, lang) for one in everybody}),
            read=read,
            unread=UNREAD,
            num_unread=len(everybody) - len(read),
            median=middle,
            mean=statistics.fmean(points) if points else 0.0,
            quarters=spread(*_quarters(points), lang),
            histogram=histogram(points, manifest.max_score, middle) if points else None,
            shares=overview.task_shares(manifest, read),
            num_shown=MISCONCEPTIONS_SHOWN,
            misconceptions=overview.misconceptions(manifest, read),
            needs=needs,
            restore=RESTORE,
            withheld={
                (one.grade.student, task.id)
                for one in everybody
                for task in one.tasks
                if task.withheld and task.id not in one.decisions
            },
            num_awaiting=sum(row.is_awaiting for one in marked for rows in one.rows.values() for row in rows),
            marking=MARKING,
            unreadable=unreadable,
            doubts=doubts,
            gone=[Case(one, "") for one in everybody if one.grade.student in behind.gone],
            gone_from=behind.folder,
            without=behind.gone,
            again=overview.handed_in_again(everybody, behind, lang),
            tiers=sorted({one.grade.sandbox.tier for one in everybody}),
            gaps=list(dict.fromkeys(gap for one in everybody for gap in one.grade.sandbox.gaps)),
            script=Markup(SCRIPT),
            script_hash=script_hash(SCRIPT),
        )
    )


def script_hash(script: str) -> str:
    """As a policy names a script that may run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _quarters(points: Sequence[float]) -> tuple[float, float]:
    """Between which points the middle half of a class lies."""
    if len(points) < 2:
        return (points[0], points[0]) if points else (0.0, 0.0)
    low, _, high = statistics.quantiles(points, n=4, method="inclusive")
    return round_half_up(low), round_half_up(high)

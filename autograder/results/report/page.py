"""`report/index.html`: the class at a glance, then every submission with every lost point and its reason.

Self-contained and without scripts; everything a student wrote is escaped by the template engine. Should something
slip through, the page's own policy (https://www.w3.org/TR/CSP3) forbids scripts, pictures and requests.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from pydantic import ValidationError

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.grids.html import STYLE, as_html
from autograder.results.grade import Status, ThresholdResult
from autograder.results.marked import NO_POINTS, Marked
from autograder.results.protection import gap_in_words, layer_in_words
from autograder.results.report.causes import in_groups, reason_of, with_example
from autograder.results.report.environment import templates
from autograder.results.report.marking import write_marking
from autograder.results.store import Store, write_atomically
from autograder.text import Lang, Text

# Of one text, at its start and at its end; a text that is hardly longer than both is shown whole.
PART_SHOWN, MARK_ROOM = 600, 100
LEFT_OUT = Text(
    ru="пропущено знаков: {number}; целиком — в results/<студент>.json",
    en="{number} characters left out; results/<student>.json has them all",
)
WIDTH_PX, HEIGHT_PX, MARGIN_PX = 460, 64, 14


@dataclass(frozen=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True)
class RampPicture:
    """Pixel positions of one threshold: the reference's runs as dots, the bars, and where this submission stands."""

    dots: tuple[Dot, ...]
    low_x: float
    high_x: float
    value_x: float | None
    ticks: tuple[tuple[float, str], ...]


def write_report(out: Path) -> Path:
    """Write `out/report/index.html` from `out/results`, `out/assignment.json` and `out/manual.csv`.

    Beside it, where something is marked by hand, what is still to be marked.

    Raises: UsageError when `out` holds no results, StoreError when the page cannot be written.
    """
    manifest = stored_manifest(out)
    store = Store(out)
    marked = store.marked(manifest)
    if not marked:
        raise UsageError(f"{out} holds no results; give the folder that was --out of `autograder grade`")
    if manifest.written:
        write_marking(out, manifest, marked)
    target = out / "report" / "index.html"
    write_atomically(target, render(manifest, marked).encode("utf-8"))
    return target


def stored_manifest(out: Path) -> Manifest:
    """The manifest beside the results. Raises: UsageError when `out` is no folder of results."""
    path = out / "assignment.json"
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}; give the folder that was --out of `autograder grade`"
        ) from error
    except ValidationError as error:
        raise UsageError(f"{path} is damaged; grade once more into the same folder to renew it") from error


def render(manifest: Manifest, marked: Sequence[Marked]) -> str:
    """The page as text, in the language of the grades."""
    grades = [one.grade for one in marked]
    lang: Lang = grades[0].lang
    environment = templates(lang)
    environment.filters["layer"] = lambda name: layer_in_words(name, lang)
    environment.filters["brief"] = lambda text: brief(text, lang)
    environment.filters["drawn"] = lambda arrays: Markup(as_html(arrays, lang))
    environment.filters["gap"] = lambda name: gap_in_words(name, lang)
    sentences = {test.id: test.sentence.get(lang) for task in manifest.tasks for test in task.tests}
    return environment.get_template("page.html.j2").render(
        manifest=manifest,
        grades=grades,
        lang=lang,
        say=WORDS[lang],
        marked=marked,
        status=lambda one: status_in_words(one, lang),
        no_points=NO_POINTS,
        num_awaiting=sum(row.is_awaiting for one in marked for rows in one.rows.values() for row in rows),
        title=manifest.title.get(lang),
        sentences=sentences,
        groups=lambda tests: in_groups(tests, sentences),
        reason=lambda test: reason_of(test, sentences),
        shown=with_example,
        median=statistics.median(one.score for one in marked),
        task_means=_task_shares(manifest, marked),
        ramp=lambda result: ramp_picture(manifest, result),
        size=(WIDTH_PX, HEIGHT_PX),
        grid_style=Markup(STYLE),
        tiers=sorted({grade.sandbox.tier for grade in grades}),
        gaps=list(dict.fromkeys(gap for grade in grades for gap in grade.sandbox.gaps)),
    )


def brief(text: str, lang: Lang) -> str:
    """What a page shows of a long text: its start, and its end, where a traceback has its exception."""
    if len(text) <= 2 * PART_SHOWN + MARK_ROOM:
        return text
    left_out = LEFT_OUT.get(lang).format(number=len(text) - 2 * PART_SHOWN)
    return f"{text[:PART_SHOWN]}\n… {left_out} …\n{text[-PART_SHOWN:]}"


def status_in_words(one: Marked, lang: Lang) -> str:
    """The status as a reader in `lang` calls it."""
    if lang == "en":
        return one.status
    return f"ждёт оценки: {', '.join(one.awaiting)}" if one.is_awaiting else STATUS_WORDS[one.judged]


def _task_shares(manifest: Manifest, marked: Sequence[Marked]) -> dict[str, float | None]:
    """The mean share of each task's points over submissions that were read, in percent; of a task that people mark,
    over those that were marked. None where there is nothing to take a mean of.
    """
    read = [one for one in marked if one.grade.status not in ("rejected", "missing")]
    shares: dict[str, float | None] = {}
    for task in manifest.tasks:
        points = [score for one in read if (score := one.scores.get(task.id)) is not None]
        shares[task.id] = 100 * statistics.fmean(points) / task.points if points else None
    return shares


def ramp_picture(manifest: Manifest, result: ThresholdResult) -> RampPicture:
    """Place the reference's runs, the two bars and the value on one axis."""
    runs = next(
        (
            test.threshold.dots
            for task in manifest.tasks
            for test in task.tests
            if test.id == result.id and test.threshold is not None
        ),
        (),
    )
    if result.low is None or result.high is None:
        raise ValueError(f"{result.id} has a value and no bars")
    everything = [*runs, result.low, result.high, *([result.value] if result.value is not None else [])]
    start, end = min(everything), max(everything)
    pad = 0.05 * (end - start)
    start, end = start - pad, end + pad

    def place(value: float) -> float:
        return round(MARGIN_PX + (value - start) / (end - start) * (WIDTH_PX - 2 * MARGIN_PX), 1)

    dots: list[Dot] = []
    for run in sorted(runs):
        x = place(run)
        level = sum(abs(dot.x - x) < 6 for dot in dots) % 4
        dots.append(Dot(x, 34 - 7 * level))
    ticks = tuple((place(value), f"{100 * value:.1f} %") for value in (result.low, result.high))
    value_x = place(result.value) if result.value is not None else None
    return RampPicture(tuple(dots), place(result.low), place(result.high), value_x, ticks)


STATUS_WORDS: dict[Status, str] = {
    "rejected": "не принята", "missing": "не сдана", "timeout": "загрузка не закончилась",
    "crashed": "сбой при загрузке", "partial": "проверена не вся", "graded": "проверена",
}  # fmt: skip
WORDS: dict[Lang, dict[str, str]] = {
    "ru": {
        "students": "Работы", "median": "медиана", "of": "из", "student": "студент", "total": "итог",
        "status": "статус", "seconds": "с", "task_share": "Какая доля баллов взята за задание",
        "task": "Задание", "source": "откуда код", "points": "баллы", "check": "проверка", "said": "что случилось",
        "staff": "посмотреть преподавателю", "tier": "Защита", "layers": "слои", "device": "устройство",
        "versions": "версии", "attempt": "попытка", "salt": "соль", "notes": "Замечания",
        "staff_notes": "Только для преподавателей",
        "passed": "засчитано", "lost": "не засчитано", "none": "нет ответа", "value": "ваш результат",
        "reference": "20 обучений эталона", "zero": "0\xa0баллов", "all": "все баллы", "not_found": "не найдено",
        "example": "Пример с другими числами", "same": "Причина у этих проверок одна:",
        "got": "получено", "expected": "ожидалось",
        "withheld": "не начислено", "overrides": "Решения преподавателей", "at_least": "не меньше",
        "gaps": "От чего это не защищает", "diagnosis": "Похоже, вот в чём дело",
        "runs": "обучения", "interval": "95 %-й интервал", "to_mark": "Ответы, которые ждут оценки",
        "forgiven": "и здесь неверный ответ",
        "one_price": "Одна ошибка — одна цена: строка бывает засчитана, хотя её слова для вашего кода неверны, "
        "если баллы за эту ошибку сняты в другой строке.",
        "sign": "Знак (✓) — и эта проверка получила неверный ответ, но снимает баллы за него другая.",
        "by_hand": "оценивает человек", "unmarked": "ждёт оценки", "marked": "оценено", "not_written": "не написано",
    },
    "en": {
        "students": "Submissions", "median": "median", "of": "of", "student": "student", "total": "total",
        "status": "status", "seconds": "s", "task_share": "Share of the points that each task gave",
        "task": "Task", "source": "code from", "points": "points", "check": "check", "said": "what happened",
        "staff": "staff must look", "tier": "Protection", "layers": "layers", "device": "device",
        "versions": "versions", "attempt": "attempt", "salt": "salt", "notes": "Notes",
        "staff_notes": "For staff only",
        "passed": "passed", "lost": "lost", "none": "no verdict", "value": "this result",
        "reference": "20 trainings of the reference", "zero": "no points", "all": "all points",
        "example": "An example with other numbers", "same": "These checks fail for one reason:",
        "got": "got", "expected": "expected",
        "withheld": "withheld", "overrides": "Decisions of staff", "at_least": "at least",
        "gaps": "What this does not protect from",
        "not_found": "not found", "diagnosis": "Probable cause", "runs": "trainings", "interval": "95 % interval",
        "forgiven": "a wrong answer here, too",
        "one_price": "One mistake, one price: a row may be counted although its words are not true of your code, "
        "where another row charges that mistake.",
        "sign": "The sign (✓): this check was given a wrong answer, too, and leaves the points for it to another row.",
        "to_mark": "Answers that await a mark", "by_hand": "marked by a person", "unmarked": "awaits a mark",
        "marked": "marked", "not_written": "not written",
    },
}  # fmt: skip

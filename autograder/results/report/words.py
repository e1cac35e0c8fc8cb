"""What the pages say in both languages: `SAY` on both kinds, `CLASS` on that of the class, `STUDENT` on a student's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from autograder.results.grade import Status
from autograder.results.marked import Marked
from autograder.text import Lang, Text, counted, number

WORK_FORMS = ("работа", "работы", "работ")
PART_SHOWN, MARK_ROOM = 600, 100
"""Of one text, at its start and at its end; a text that is hardly longer than both is shown whole."""
LEFT_OUT = Text(ru="пропущено знаков: {number}", en="{number} characters left out")

STATUS: Mapping[Status, Text] = {
    "rejected": Text(ru="не принята", en="rejected"),
    "missing": Text(ru="не сдана", en="missing"),
    "timeout": Text(ru="загрузка не закончилась", en="timeout"),
    "crashed": Text(ru="сбой при загрузке", en="crashed"),
    "partial": Text(ru="проверена не вся", en="partial"),
    "graded": Text(ru="проверена", en="graded"),
}
AWAITING = Text(ru="ждёт оценки", en="awaiting")

SAY: Mapping[str, Text] = {
    "of": Text(ru="из", en="of"),
    "task": Text(ru="Задание", en="Task"),
    "points": Text(ru="баллы", en="points"),
    "status": Text(ru="статус", en="status"),
    "withheld": Text(ru="не начислено", en="withheld"),
    "versions": Text(ru="версии", en="versions"),
    "attempt_short": Text(ru="попытка", en="attempt"),
    "attempt": Text(ru="попытка {number} из проверенных", en="attempt {number} of those graded"),
    "device": Text(ru="устройство", en="device"),
}
CLASS: Mapping[str, Text] = {
    "students": Text(ru="Работы", en="Submissions"),
    "not_counted": Text(ru="не считаются", en="not counted"),
    "median": Text(ru="медиана", en="median"),
    "mean": Text(ru="среднее", en="mean"),
    "quarters": Text(ru="половина класса", en="half of the class"),
    "how": Text(ru="Как прошло", en="How it went"),
    "distribution": Text(ru="Сколько работ набрали столько баллов", en="Submissions with so many points"),
    "nobody": Text(ru="Пока не проверена ни одна работа.", en="No submission has been read yet."),
    "by_task": Text(ru="По заданиям", en="Task by task"),
    "share": Text(ru="средняя доля баллов", en="mean share of the points"),
    "full": Text(ru="все баллы", en="all points"),
    "none": Text(ru="0\xa0баллов", en="no points"),
    "silent": Text(ru="не написано", en="not written"),
    "broken": Text(ru="не загрузилось", en="did not load"),
    "misconceptions": Text(ru="Что класс понимает неверно", en="Misconceptions of the class"),
    "no_misconceptions": Text(ru="Ни одна ошибка не опознана.", en="No mistake was recognised."),
    "rarer": Text(ru="Более редкие ошибки", en="Less frequent ones"),
    "needs": Text(ru="Кому нужны вы", en="Who needs you"),
    "nobody_needs": Text(
        ru="Никому: всё проверено и оценено.", en="Nobody: everything is graded and marked."
    ),
    "staff": Text(ru="Посмотреть преподавателю", en="Staff must look"),
    "unreadable": Text(ru="Результат не читается", en="Results that cannot be read"),
    "unreadable_do": Text(
        ru="повреждённый файл; проверьте работу ещё раз", en="a damaged file; grade the submission again"
    ),
    "rejected": Text(ru="Не приняты", en="Rejected"),
    "to_mark": Text(ru="Ждут оценки", en="Awaiting a mark"),
    "answers": Text(ru="ответов", en="answers"),
    "marking": Text(ru="открыть ответы", en="open the answers"),
    "withheld_of": Text(ru="Баллы не начислены: запрещённый вызов", en="Points withheld: a forbidden call"),
    "restore": Text(ru="Вернуть баллы", en="To give the points back"),
    "doubts": Text(ru="Проверки, в которых стоит усомниться", en="Tests to doubt"),
    "notes": Text(ru="Заметки для преподавателей", en="Notes for staff"),
    "gone": Text(ru="Работы сейчас нет в папке", en="Without a submission now in"),
    "gone_short": Text(ru="работы нет", en="no submission now"),
    "again": Text(ru="Сдали повторно", en="Handed in again"),
    "over": Text(ru="по", en="over"),
    "table": Text(ru="Все работы", en="All submissions"),
    "student": Text(ru="студент", en="student"),
    "name": Text(ru="имя", en="name"),
    "group": Text(ru="группа", en="group"),
    "total": Text(ru="итог", en="total"),
    "late": Text(ru="опоздание", en="late"),
    "tier": Text(ru="Защита", en="Protection"),
    "gaps": Text(ru="От чего это не защищает", en="What this does not protect from"),
    "find": Text(ru="Имя", en="Name"),
    "find_long": Text(ru="имя, студент или номер", en="name, student or number"),
    "any": Text(ru="все", en="all"),
    "least": Text(ru="Баллы от", en="Points from"),
    "most": Text(ru="до", en="to"),
    "which": Text(ru="В задании", en="In it"),
    "lost": Text(ru="потеряны баллы", en="points lost"),
    "unmarked": Text(ru="нет оценки", en="not marked"),
    "reset": Text(ru="Сбросить", en="Reset"),
    "shown": Text(ru="Показано", en="Shown"),
    "for_staff": Text(
        ru="Только для преподавателей. Страницы для выдачи студентам — в папке students.",
        en="For staff only. The pages to hand out are in the folder students.",
    ),
}
STUDENT: Mapping[str, Text] = {
    "total": Text(ru="Итог", en="Total"),
    "handed_in": Text(ru="сдано", en="handed in"),
    "by_task": Text(ru="По заданиям", en="Task by task"),
    "source": Text(ru="откуда код", en="code from"),
    "not_found": Text(ru="не найдено", en="not found"),
    "bonus": Text(ru="дополнительное", en="bonus"),
    "bonus_capped": Text(
        ru="Баллы за дополнительные задания прибавляются, но не больше 20 в сумме.",
        en="Points of bonus tasks are added, 20 in all at most.",
    ),
    "before": Text(ru="Баллы до учёта опоздания", en="Points before lateness"),
    "due": Text(ru="Срок сдачи", en="Due"),
    "extended": Text(ru="с продлением, часов", en="with an extension, hours"),
    "stays": Text(ru="Объявленный раньше итог сохранён.", en="The total that was announced before stays."),
    "awaits": Text(
        ru="Итог ещё изменится: не оценены ответы заданий",
        en="The total will change: answers await a mark in",
    ),
    "not_final": Text(
        ru="Результат не окончательный: программе не удалось проверить всё, преподаватель посмотрит.",
        en="This is not final: the grader could not check everything, and staff will look at it.",
    ),
    "nothing": Text(ru="Работа не сдана.", en="Nothing was handed in."),
    "notes": Text(ru="Замечания", en="Notes"),
    "passed": Text(ru="засчитано", en="passed"),
    "lost": Text(ru="не засчитано", en="lost"),
    "none": Text(ru="нет ответа", en="no verdict"),
    "value": Text(ru="ваш результат", en="your result"),
    "reference": Text(ru="обучения эталона", en="trainings of the reference"),
    "zero": Text(ru="0\xa0баллов", en="no points"),
    "all": Text(ru="все баллы", en="all points"),
    "runs": Text(ru="обучения", en="trainings"),
    "interval": Text(ru="95 %-й интервал", en="95 % interval"),
    "example": Text(ru="Пример с другими числами", en="An example with other numbers"),
    "same": Text(ru="Причина у этих проверок одна:", en="These checks fail for one reason:"),
    "got": Text(ru="получено", en="got"),
    "expected": Text(ru="ожидалось", en="expected"),
    "decision": Text(ru="Решение преподавателя", en="Decision of staff"),
    "at_least": Text(ru="не меньше", en="at least"),
    "diagnosis": Text(ru="Похоже, вот в чём дело", en="Probable cause"),
    "forgiven": Text(ru="и здесь неверный ответ", en="a wrong answer here, too"),
    "one_price": Text(
        ru="Одна ошибка — одна цена: строка бывает засчитана, хотя её слова для вашего кода неверны, "
        "если баллы за эту ошибку сняты в другой строке.",
        en="One mistake, one price: a row may be counted although its words are not true of your code, "
        "where another row charges that mistake.",
    ),
    "sign": Text(
        ru="Знак (✓) — и эта проверка получила неверный ответ, но снимает баллы за него другая.",
        en="The sign (✓): this check was given a wrong answer, too, and leaves the points for it to another row.",
    ),
    "by_hand": Text(ru="оценивает человек", en="marked by a person"),
    "unmarked": Text(ru="ждёт оценки", en="awaits a mark"),
    "marked": Text(ru="оценено", en="marked"),
    "not_written": Text(ru="не написано", en="not written"),
    "how": Text(ru="Чем проверено", en="How it was graded"),
    "submission": Text(ru="сумма SHA-256 работы", en="SHA-256 of the submission"),
}


def in_lang(words: Mapping[str, Text], lang: Lang) -> dict[str, str]:
    """With those of all pages."""
    return {name: text.get(lang) for name, text in {**SAY, **words}.items()}


def status_in_words(one: Marked, lang: Lang) -> str:
    """The status as a reader in `lang` calls it."""
    if not one.is_awaiting:
        return STATUS[one.judged].get(lang)
    between = ": " if lang == "ru" else " "
    return f"{AWAITING.get(lang)}{between}{', '.join(one.awaiting)}"


def brief(text: str, lang: Lang) -> str:
    """What a page shows of a long text: its start, and its end, where a traceback has its exception."""
    if len(text) <= 2 * PART_SHOWN + MARK_ROOM:
        return text
    left_out = LEFT_OUT.get(lang).format(number=len(text) - 2 * PART_SHOWN)
    return f"{text[:PART_SHOWN]}\n… {left_out} …\n{text[-PART_SHOWN:]}"


def works(count: int, lang: Lang) -> str:
    """`5 submissions`."""
    return counted(count, lang, WORK_FORMS, "submission")


def percent(share: float, lang: Lang) -> str:
    """`70.0 %`, in Russian `70,0 %`. share: 0 to 1."""
    text = f"{100 * share:.1f} %"
    return text.replace(".", ",") if lang == "ru" else text


def moment(at: datetime, lang: Lang) -> str:
    """Day and time with the offset that it has (`lateness.in_zone_of_due` gives it that of the assignment)."""
    offset = at.utcoffset()
    shown = at.strftime("%d.%m.%Y %H:%M" if lang == "ru" else "%Y-%m-%d %H:%M")
    return shown if offset is None else f"{shown} {timezone(offset)}"


def spread(low: float, high: float, lang: Lang) -> str:
    """`50–90`."""
    return f"{number(low, lang)}–{number(high, lang)}"

"""What the pages for staff say beside their data."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.text import Text

APPEAL: Mapping[str, Text] = {
    "heading": Text(ru="Апелляция", en="Appeal"),
    "staff": Text(ru="Только для преподавателей.", en="For staff only."),
    "of": Text(ru="из", en="of"),
    "status": Text(ru="статус", en="status"),
    "how": Text(ru="Как получилась оценка", en="How the mark came about"),
    "task": Text(ru="Задание", en="Task"),
    "tests": Text(ru="проверки", en="tests"),
    "counts": Text(ru="считается", en="counts"),
    "why": Text(ru="почему", en="why"),
    "before": Text(ru="Баллы без учёта опоздания", en="Points before lateness"),
    "late": Text(ru="Опоздание", en="Lateness"),
    "in_time": Text(ru="сдано вовремя или время не известно", en="in time, or the time is not known"),
    "earned": Text(ru="Заработано", en="Earned"),
    "told": Text(ru="Объявлено студенту", en="Told to the student"),
    "not_told": Text(ru="ещё не объявлено", en="nothing yet"),
    "floor": Text(
        ru="оценка не опускается ниже объявленной (autograder publish --allow-lower)",
        en="a mark does not fall below what was told (autograder publish --allow-lower)",
    ),
    "total": Text(ru="Итог", en="What counts"),
    "attempts": Text(ru="Проверенные попытки", en="Graded attempts"),
    "attempt": Text(ru="попытка", en="attempt"),
    "lost": Text(ru="За что сняты баллы", en="What points were lost for"),
    "nothing": Text(ru="Ни одна проверка не сняла баллов.", en="No test took points."),
    "diagnosis": Text(ru="Похоже, вот в чём дело", en="Probable cause"),
    "example": Text(ru="Пример с другими числами", en="An example with other numbers"),
    "got": Text(ru="получено", en="got"),
    "expected": Text(ru="ожидалось", en="expected"),
    "at_least": Text(
        ru="возвращено (autograder restore), не меньше", en="restored (autograder restore), at least"
    ),
    "source": Text(ru="код из", en="code from"),
    "not_found": Text(ru="не найдено", en="not found"),
    "line": Text(ru="строка", en="line"),
    "measured": Text(ru="измерено", en="measured"),
    "bars": Text(ru="ноль баллов при {low}, все при {high}", en="no points at {low}, all of them at {high}"),
    "by_hand": Text(ru="Оценки за ответы словами", en="Marks for answers in words"),
    "unmarked": Text(ru="ждёт оценки", en="awaits a mark"),
    "notes": Text(ru="Замечания", en="Notes"),
    "change": Text(ru="Как изменить оценку", en="How to change the mark"),
    "add": Text(
        ru="Строка для {file} (первая строка файла — {header}); баллы — сколько решите, причину и имя впишите вместо "
        "«…»:",
        en="A line for {file} (the first line of the file is {header}); as many points as you decide, reason and name "
        'in place of "…":',
    ),
    "unread": Text(
        ru="Работу не удалось прочитать, или её нет, поэтому ничего не проверено.",
        en="The work could not be read, or there is none, so nothing was tested.",
    ),
    "no_line": Text(ru="Строка в {file} ничего не изменит.", en="A line in {file} would change nothing."),
    "judge": Text(
        ru="Положите на место этой сдачи работу, которая читается (например, архив, упакованный заново в zip), и "
        "повторите команду autograder grade.",
        en="Put work that can be read in the place of this submission (an archive packed anew as zip, say), and repeat "
        "the command autograder grade.",
    ),
    "extend": Text(
        ru="Опоздание снимает все баллы. Продлите срок в списке студентов (extension_hours) или исправьте время сдачи "
        "(autograder collect --times) и повторите команду autograder grade, со списком (--roster).",
        en="Lateness takes all points. Extend the term in the roster (extension_hours) or mend the time of handing in "
        "(autograder collect --times), and repeat the command autograder grade, with the roster (--roster).",
    ),
    "key": Text(
        ru="course.key — ключ курса, с которым работа проверена (--key).",
        en="course.key is the course key that the work was graded with (--key).",
    ),
    "then": Text(
        ru="Затем первая команда; вторая проверяет работу заново; третья объявляет оценку:",
        en="Then the first command; the second judges the submission once more; the third tells the mark:",
    ),
    "repeat": Text(
        ru="Повторить проверку с теми же числами (скрытые данные, студенту не показывать):",
        en="Repeat the check with the same numbers (hidden data, not for the student):",
    ),
    "same_salt": Text(
        ru="При повторе числа те же: они зависят только от ключа курса и имени.",
        en="A repetition has the same numbers: they hang on the course key and the name alone.",
    ),
}
REPLAY: Mapping[str, Text] = {
    "staff": Text(
        ru="Только для преподавателей: здесь скрытые данные.",
        en="For staff only: this page holds hidden data.",
    ),
    "changed": Text(
        ru="Работа изменилась после проверки: запущено то, что лежит там сейчас.",
        en="The submission has changed since it was graded: what is there now was run.",
    ),
    "failed": Text(ru="Проверка не пройдена", en="The check failed"),
    "passed": Text(ru="Проверка пройдена", en="The check passed"),
    "request": Text(ru="запрос", en="request"),
    "answer": Text(ru="ответ", en="answer"),
    "other": Text(ru="эталон спрошен о другом", en="the reference was asked something else"),
    "differs": Text(ru="отличается", en="differs"),
    "taken": Text(
        ru="отличается от эталона, проверка это принимает",
        en="differs from the reference, and the test takes it",
    ),
    "right": Text(ru="верен", en="right"),
    "more": Text(ru="ещё запросов", en="further requests"),
    "not_whole": Text(
        ru="Запросы сохранены не все: обучение и очень большие тензоры не сохраняются.",
        en="Not all requests are kept: trainings and very large tensors are not.",
    ),
    "inputs": Text(ru="Что дано", en="Inputs"),
    "answers": Text(ru="Получено и ожидалось", en="Got and expected"),
    "difference": Text(ru="Разность", en="Difference"),
    "largest": Text(ru="наибольшая", en="largest"),
    "got": Text(ru="Получено", en="Got"),
    "expected": Text(ru="Ожидалось", en="Expected"),
}

"""The sentences that students read, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.course.public import PublicTask
from autograder.course.rows import cell_id
from autograder.text import Lang, Text, counted, number, points

PASSED = Text(ru="пройден", en="passed")
FAILED = Text(ru="не пройден", en="failed")
TASK_PASSED = Text(ru="{task}: все открытые тесты пройдены ({n})", en="{task}: all public tests pass ({n})")
TASK_FAILED = Text(
    ru="{task}: не пройдено {bad} из {n} открытых тестов", en="{task}: {bad} of {n} public tests fail"
)
# Of 1, in Russian of 21, 31 and so on, too.
TASK_FAILED_ONE = Text(
    ru="{task}: не пройден {bad} из {n} открытых тестов", en="{task}: {bad} of {n} public tests fails"
)
NOT_WRITTEN = Text(ru="{task}: ещё не написано", en="{task}: not written yet")
NOTHING_TO_CHECK = Text(ru="{task}: ещё не написано ({names})", en="{task}: not written yet ({names})")
SAME = Text(ru="причина та же", en="for the same reason")
USED = Text(ru="взято: {what}", en="used: {what}")
TAKEN_FROM = Text(ru="{names} — {where}", en="{names}, {where}")
AND = Text(ru=" и ", en=" and ")
THIS_NOTEBOOK = Text(ru="из этой тетради", en="from this notebook")
CELL = Text(ru="ячейка In[{count}]", en="cell In[{count}]")
NOTHING_WRITTEN = Text(ru="не написано", en="not written")
READY_MADE = Text(ru="без готовых функций", en="no ready-made functions")
WITHHELD = Text(
    ru="баллы за {task} ({points}) не будут начислены: решение вызывает {calls}, а в этом задании это под запретом.\n"
    "Если так вы проверяете себя, вынесите проверку (assert) из функции; если так вы считаете ответ, посчитайте его "
    "сами.",
    en="the points of {task} ({points}) will be withheld: the solution calls {calls}, and that is off limits in this "
    "task.\nIf that is how you check yourself, move the assertion out of the function; if that is how you compute the "
    "answer, compute it yourself.",
)
WARNING = Text(ru="  ! {text}", en="  ! {text}")
FROM_FILE = Text(ru="из файла {file}", en="from the file {file}")
ASSERTION = Text(
    ru="{task}: не всё готово, подробности выше", en="{task}: not everything passes, details above"
)
NEEDS = Text(
    ru="{task} вызывает задание {other}, а оно ещё не написано",
    en="{task} calls the task {other}, which is not written yet",
)
BROKEN_TESTS = Text(ru="тесты не запустились: {why}", en="the tests did not start: {why}")
STOPPED = Text(ru="ваш код остановился с ошибкой:\n{text}", en="your code stopped with an error:\n{text}")
STOPPED_IN_BACKWARD = Text(
    ru="ваш код отработал, ошибка возникла при вычислении градиента (backward):\n{text}",
    en="your code ran, the error came while its gradient was computed (backward):\n{text}",
)
NO_ERROR = Text(ru="здесь ошибки быть не должно", en="there should be no error here")
NOT_THE_BUNDLES = Text(
    ru="Импортирован не тот пакет hw_cnn: {path} (редакция {found}), а работа из редакции {wanted}. "
    "Тетрадь должна лежать в папке {home} рядом с assignment.json и hw_cnn: перенесите её туда и перезапустите ядро.",
    en="The wrong package hw_cnn is imported: {path} (edition {found}), this homework has edition {wanted}. "
    "Keep the notebook in the folder {home}, beside assignment.json and hw_cnn, and restart the kernel.",
)
NO_BUNDLE = Text(
    ru="Не найден файл assignment.json: запустите команду в папке с работой ({where}).",
    en="assignment.json was not found: run this in the folder of the homework ({where}).",
)
HOMEWORKS_BELOW = Text(
    ru="В папке {where} нет assignment.json, работы лежат в ней ({names}): перейдите в папку работы, например "
    "cd {first}.",
    en="The folder {where} has no assignment.json, but holds homeworks ({names}): go to the folder of one, for example "
    "cd {first}.",
)
NO_FOLDER = Text(ru="Нет папки {where}.", en="There is no folder {where}.")
USAGE_OF_CHECK = Text(
    ru="Использование: hw-cnn check [ЗАДАНИЕ...] [ПАПКА] [--watch|--github], например hw-cnn check F1 G1. Без заданий "
    "проверяются все, без папки берётся текущая; с --watch проверка повторяется после каждого сохранения; с --github "
    "она пишет и аннотации для GitHub Actions.",
    en="Usage: hw-cnn check [TASK...] [DIR] [--watch|--github], for example hw-cnn check F1 G1. Without tasks all are "
    "checked, without DIR the current folder is taken; --watch checks again whenever you save; --github "
    "writes annotations for GitHub Actions, too.",
)
USAGE_OF_SUBMIT = Text(
    ru="Использование: hw-cnn submit [ПАПКА] [--anyway]. Без папки берётся текущая; с --anyway архив собирается, "
    "даже если ничего не написано или собранное работает хуже, чем в папке.",
    en="Usage: hw-cnn submit [DIR] [--anyway]. Without DIR the current folder is taken; --anyway packs even if nothing "
    "is written or what is packed works worse than in the folder.",
)
UNKNOWN_TASK = Text(
    ru="Нет такого задания или папки: {what}. В этой работе есть {known}.",
    en="There is no such task or folder: {what}. This homework has {known}.",
)
WATCHING = Text(
    ru="Жду, пока вы сохраните работу (Ctrl-C — закончить).", en="Waiting until you save (Ctrl-C ends)."
)
SAVED = Text(ru="--- {time}, сохранено: {names}", en="--- {time}, saved: {names}")
WATCH_ENDED = Text(ru="Проверка закончена.", en="No longer watching.")
SUMMARY = Text(ru="Пройдены полностью: {good} из {n} заданий.", en="Complete: {good} of {n} tasks.")
STILL_TO_WRITE = Text(ru="Ещё не написаны: {tasks}.", en="Not written yet: {tasks}.")
LOADING = Text(ru="Загружаю torch и Lightning...", en="Loading torch and Lightning...")
OPEN_TESTS = Text(
    ru="Открытые тесты: {open} из {total}{bonus}; скрытые проверяют больше.",
    en="Open tests: {open} of {total}{bonus}; hidden tests check more.",
)
ALL_IS_OPEN = Text(
    ru="Открытые тесты: {open} из {total}{bonus}; они ловят все ошибки, которые мы вносили сами; другие могут стоить "
    "баллов.",
    en="Open tests: {open} of {total}{bonus}; they catch all mistakes that we planted; others may cost points.",
)
WITH_BONUS = Text(ru=" (бонус в {points} входит сюда)", en=" (a bonus of {points} is part of it)")
MORE_BY_HAND = Text(ru="Ещё {points} ({tasks}) ставит человек.", en="A person gives {points} more ({tasks}).")
NOT_YOUR_MARK = Text(ru="Это не ваша оценка.", en="This is not your mark.")
BY_HAND = Text(
    ru="{task}: ответы читает и оценивает человек ({points}), тестов у этого задания нет",
    en="{task}: a person reads and marks the answers ({points}), this task has no tests",
)
ROW_WRITTEN = Text(ru="  + {row}: написано ({length})", en="  + {row}: written ({length})")
ROW_UNWRITTEN = Text(
    ru="  - {row}: ещё не написано (ячейка {cell})", en="  - {row}: not written yet (cell {cell})"
)
AS_SAVED = Text(
    ru="  прочитано из файла {name}, как он сохранён: если ответ новее, сохраните тетрадь",
    en="  read from {name} as it is saved: if an answer is newer, save the notebook",
)
NO_NOTEBOOK = Text(
    ru="  здесь нет сохранённой тетради, а ответы читаются только из неё",
    en="  there is no saved notebook here, and answers are read from one only",
)
CHARACTER_FORMS = ("знак", "знака", "знаков")


def used_line(places: Sequence[tuple[str, str]], lang: Lang) -> str:
    """Where symbols come from, each place once. places: (name of a symbol, place) in their order."""
    names: dict[str, list[str]] = {}
    for name, where in places:
        names.setdefault(where, []).append(name)
    parts = []
    for where, (*others, last) in names.items():
        listed = AND.get(lang).join([*([", ".join(others)] if others else []), last])
        parts.append(TAKEN_FROM.get(lang).format(names=listed, where=where))
    return USED.get(lang).format(what="; ".join(parts))


def failed_line(task: str, bad: int, total: int, lang: Lang) -> str:
    """How many public tests of a task fail."""
    is_one = bad == 1 or (lang == "ru" and bad % 10 == 1 and bad % 100 != 11)
    return (TASK_FAILED_ONE if is_one else TASK_FAILED).get(lang).format(task=task, bad=bad, n=total)


def open_line(tasks: Sequence[PublicTask], lang: Lang) -> list[str]:
    """What the open tests of these tasks are worth, in one line; none where that is not known.

    A task that a person marks has no tests; the line says what it may add.
    """
    tested, by_hand = [task for task in tasks if not task.is_written], [t for t in tasks if t.is_written]
    known = [task.open_points for task in tested if task.open_points is not None]
    if not known or len(known) < len(tested):
        return []
    total = sum(task.points for task in tested)
    text = ALL_IS_OPEN if sum(known) >= total else OPEN_TESTS
    # Russian "из" takes the genitive: из 1 балла, из 4 баллов, из 4,5 балла.
    forms = ("балла", "баллов", "баллов") if total == int(total) else ("балла",) * 3
    values = {"open": number(sum(known), lang), "total": counted(total, lang, forms, "point")}
    bonus = sum(task.points for task in tasks if task.bonus and not task.is_written)
    is_part = 0 < bonus < total
    values["bonus"] = WITH_BONUS.get(lang).format(points=number(bonus, lang)) if is_part else ""
    said = [text.get(lang).format(**values)]
    if by_hand:
        more, names = sum(task.points for task in by_hand), ", ".join(task.id for task in by_hand)
        said.append(MORE_BY_HAND.get(lang).format(points=points(more, lang), tasks=names))
    return [" ".join([*said, NOT_YOUR_MARK.get(lang)])]


def written_lines(task: PublicTask, texts: Mapping[str, str], notebook: str | None, lang: Lang) -> list[str]:
    """Which answers of a task there are. texts: row -> what is written; notebook: where it was read."""
    lines = [BY_HAND.get(lang).format(task=task.id, points=points(task.points, lang))]
    for row in task.rows:
        text = texts.get(row.id, "")
        length = counted(len(text), lang, CHARACTER_FORMS, "character")
        name = cell_id(task.id, row.id)
        lines.append(
            (ROW_WRITTEN if text else ROW_UNWRITTEN).get(lang).format(row=row.id, length=length, cell=name)
        )
    return [*lines, NO_NOTEBOOK.get(lang) if notebook is None else AS_SAVED.get(lang).format(name=notebook)]

"""What the sandbox says, in Russian: how a worker ended and how it was contained.

The sandbox and the stored results speak English, a Russian course reads this. Only sentences of ours are turned; a
student's own traceback stays as it is.
"""

from __future__ import annotations

import re

from autograder.text import Lang

_RUSSIAN = (
    (r"no answer within (\S+) s", r"нет ответа за \1 с"),
    (r"no answer in time", r"нет ответа за отведённое время"),
    (r"the time for the whole submission is used up", r"время на всю работу исчерпано"),
    (r"the time for this test is used up", r"время на эту проверку исчерпано"),
    (r"more than (\S+) s of processor time used", r"израсходовано больше \1 с процессорного времени"),
    (r"memory limit of (\d+) MB exceeded", r"превышен предел памяти: \1 МБ"),
    (r"more than (\d+) processes started", r"запущено больше \1 процессов"),
    (
        r"the process ended itself with status (\d+) \((.*) or (.*)\)",
        r"он закончился сам с кодом \1 (\2 или \3)",
    ),
    (r"the process ended itself with status (\d+) \((.*)\)", r"он закончился сам с кодом \1 (\2)"),
    (
        r"the process was killed by signal (\d+) \((\w+)\); most likely the system ran out of memory",
        r"его остановил сигнал \1 (\2); скорее всего, у системы кончилась память",
    ),
    (
        r"the process was killed by signal (\d+) \((\w+)\); its processor time was used up",
        r"его остановил сигнал \1 (\2): процессорное время исчерпано",
    ),
    (
        r"the process was killed by signal (\d+) \((\w+)\); it wrote a file that is too large",
        r"его остановил сигнал \1 (\2): он писал слишком большой файл",
    ),
    (r"the process was killed by signal (\d+) \((\w+)\)", r"его остановил сигнал \1 (\2)"),
    (r"the process closed its connection to the grader", r"он закрыл связь с проверяющей программой"),
    (r"the process has ended before", r"он закончился раньше"),
    (r"the process that held the (.*) has ended", r"он держал \1 и закончился раньше"),
    (r"the answer cannot be read: (.*)", r"ответ нельзя прочитать: \1"),
    (
        r"loading was given up: too many parts of the submission hang or end the process",
        r"загрузка прекращена: слишком много частей работы зависают или завершают процесс",
    ),
)
# Layers and gaps, as `autograder.sandbox` names them.
_PROTECTION = (
    (r"C: files not hidden", r"C: файлы не скрыты"),
    (r"own process", r"отдельный процесс"),
    (r"clean environment", r"чистое окружение"),
    (r"watch of time", r"надзор за временем"),
    (r"watch of time, memory and processes", r"надзор за временем, памятью и процессами"),
    (r"sweep of leftovers", r"уборка оставшихся процессов"),
    (r"memory and processes limited by a cgroup", r"память и процессы ограничены через cgroup"),
    (r"closed descriptors", r"закрытые дескрипторы"),
    (r"namespaces: (.*)", r"пространства имён: \1"),
    (r"private root: read-only mounts", r"собственный корень, смонтированный только для чтения"),
    (r"private temporary folder", r"собственная временная папка"),
    (r"own uid", r"собственный пользователь"),
    (r"limits: (.*)", r"пределы: \1"),
    (r"no capabilities", r"нет привилегий (capabilities)"),
    (r"no new privileges", r"новые привилегии запрещены"),
    (r"ends with the zygote", r"заканчивается вместе с zygote"),
    (r"not dumpable", r"память закрыта для других процессов"),
    (
        r"a flaw of the kernel is not contained: it is shared with the grader",
        r"от ошибки в ядре: ядро у работ и у проверяющей программы общее",
    ),
    (
        r"memory is watched from outside and may be exceeded by half for a moment",
        r"от кратких всплесков памяти: за ней следят снаружи, и предел можно ненадолго превысить в полтора раза",
    ),
    (
        r"names, sizes and dates of files outside can be seen, their contents cannot",
        r"от подглядывания имён, размеров и дат чужих файлов (содержимое не видно)",
    ),
    (
        r"the disk space of a worker's folder has no limit but that of one file",
        r"от заполнения диска: ограничен размер каждого файла, но не их число",
    ),
    (
        r"a process that hides may outlive a grader that was killed until the guardian has swept",
        r"от прячущихся процессов: если проверку убить, они живут до уборки",
    ),
    (r"Landlock, the second wall round the files, is missing", r"нет Landlock, второй стены вокруг файлов"),
    (
        r"files that the grader's user, or everybody, may read can be read: hidden tests and labels are not hidden",
        r"от чтения файлов, открытых пользователю или всем: скрытые тесты и метки не скрыты",
    ),
    (r"the network can be reached", r"от выхода в сеть"),
    (r"calls of the kernel are not filtered", r"от системных вызовов: они не фильтруются"),
)
_LIMITS = {
    "processor time": "процессорное время",
    "file size": "размер файла",
    "open files": "открытые файлы",
    "processes": "процессы",
    "address space": "адресное пространство",
}


def _compiled(table: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.DOTALL), russian) for pattern, russian in table)


_PATTERNS, _PROTECTION_PATTERNS = _compiled(_RUSSIAN), _compiled(_PROTECTION)
_LOADING = "loading the code: "


def in_language(text: str, lang: Lang) -> str:
    """`text` in `lang`; a sentence that is not known stays English."""
    if lang == "en":
        return text
    if text.startswith(_LOADING):
        return f"при загрузке кода: {in_language(text.removeprefix(_LOADING), lang)}"
    return _turned(text, _PATTERNS)


def protection_in_language(text: str, lang: Lang) -> str:
    """A tier, a layer or a gap in `lang`; what is not known, and proper names such as seccomp, stay."""
    if lang == "en":
        return text
    kind, colon, limits = text.partition(": ")
    if kind == "limits":
        text = kind + colon + ", ".join(_LIMITS.get(limit, limit) for limit in limits.split(", "))
    return _turned(text, _PROTECTION_PATTERNS)


def _turned(text: str, patterns: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, russian in patterns:
        found = pattern.fullmatch(text)
        if found:
            return found.expand(russian)
    return text

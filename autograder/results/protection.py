"""How a result names what contained a student's code, and what did not; and what a reader is told of each name."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.text import Lang, Text

FILES_NOT_HIDDEN = "C: files not hidden"
# Proper names, such as seccomp, are the same in every language.
LAYERS: Mapping[str, str] = {
    FILES_NOT_HIDDEN: "C: файлы не скрыты",
    "own process": "отдельный процесс",
    "clean environment": "чистое окружение",
    "watch of time": "надзор за временем",
    "watch of memory": "надзор за памятью",
    "watch of processes": "надзор за процессами",
    "sweep of leftovers": "уборка оставшихся процессов",
    "memory and processes limited by a cgroup": "память и процессы ограничены через cgroup",
    "closed descriptors": "закрытые дескрипторы",
    "pid namespace": "пространство имён pid",
    "mount namespace": "пространство имён mount",
    "net namespace": "пространство имён net",
    "ipc namespace": "пространство имён ipc",
    "uts namespace": "пространство имён uts",
    "cgroup namespace": "пространство имён cgroup",
    "private root": "собственный корень, смонтированный только для чтения",
    "private temporary folder": "собственная временная папка",
    "own uid": "собственный пользователь",
    "own count of processes": "собственный счёт процессов",
    "limit of processor time": "предел процессорного времени",
    "limit of file size": "предел размера файла",
    "limit of open files": "предел открытых файлов",
    "limit of processes": "предел числа процессов",
    "limit of address space": "предел адресного пространства",
    "no capabilities": "нет привилегий (capabilities)",
    "no new privileges": "новые привилегии запрещены",
    "ends with the zygote": "заканчивается вместе с zygote",
    "not dumpable": "память закрыта для других процессов",
}
GAPS: Mapping[str, Text] = {
    "kernel": Text(
        ru="от ошибки в ядре: ядро у работ и у проверяющей программы общее",
        en="a flaw of the kernel is not contained: it is shared with the grader",
    ),
    "memory": Text(
        ru="от кратких всплесков памяти: за ней следят снаружи, и предел можно ненадолго превысить в полтора раза",
        en="memory is watched from outside and may be exceeded by half for a moment",
    ),
    "names of files": Text(
        ru="от подглядывания имён, размеров и дат чужих файлов (содержимое не видно)",
        en="names, sizes and dates of files outside can be seen, their contents cannot",
    ),
    "disk": Text(
        ru="от заполнения диска: ограничен размер каждого файла, но не их число",
        en="the disk space of a worker's folder has no limit but that of one file",
    ),
    "hidden processes": Text(
        ru="от прячущихся процессов: если проверку убить, они живут до уборки",
        en="a process that hides may outlive a grader that was killed until the guardian has swept",
    ),
    "neighbours": Text(
        ru="от соседа, который израсходует все процессы их общего пользователя: проверяйте по одной работе",
        en="a worker that starts many processes leaves none to its neighbours: grade one submission at a time",
    ),
    "no Landlock": Text(
        ru="нет Landlock, второй стены вокруг файлов",
        en="Landlock, the second wall round the files, is missing",
    ),
    "files": Text(
        ru="от чтения файлов, открытых пользователю или всем: скрытые тесты и метки не скрыты",
        en="files that the grader's user, or everybody, may read can be read: hidden tests and labels are not hidden",
    ),
    "network": Text(ru="от выхода в сеть", en="the network can be reached"),
    "kernel calls": Text(
        ru="от системных вызовов: они не фильтруются", en="calls of the kernel are not filtered"
    ),
}


def layer_in_words(name: str, lang: Lang) -> str:
    """A layer or a tier, as a reader in `lang` calls it."""
    return LAYERS.get(name, name) if lang == "ru" else name


def gap_in_words(name: str, lang: Lang) -> str:
    """What is not contained, in a sentence; a name that an older or newer grader gave stays."""
    return GAPS[name].get(lang) if name in GAPS else name

"""What the page says in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.text import Text

GONE = Text(ru="работы там больше нет", en="the submission is not there any more")
SAY: Mapping[str, Text] = {
    "heading": Text(ru="Что совпадает", en="What agrees"),
    "staff": Text(ru="Только для преподавателей.", en="For staff only."),
    "nothing_decided": Text(
        ru="Эта страница ничего не решает.",
        en="This page decides nothing.",
    ),
    "meaning": Text(
        ru="Она показывает, что у двух работ одинаково, и ни одной оценки не меняет. Одинаковый код бывает "
        "у тех, кто вместе занимался, читал один и тот же источник или пользовался одной подсказкой "
        "программы; кто у кого списал, по нему не видно. Прочитайте обе работы и поговорите с каждым: "
        "три вопроса по собственному коду задаёт autograder viva.",
        en="It shows what is the same in two works, and changes no mark. Code is the same where people "
        "learned together, read the same source or took the same completion; who copied from whom cannot "
        "be seen in it. Read both works, and talk to each of the two: autograder viva has three "
        "questions on their own code.",
    ),
    "unseen": Text(
        ru="Чего здесь не видно: код, который написала языковая модель или другой человек; идея, "
        "пересказанная другим кодом; списанное с прошлых лет и из сети, если так сделал только один; "
        "задания, где написано мало.",
        en="What cannot be seen here: code that a language model or somebody else wrote; an idea told again "
        "in other code; what was copied from earlier years or the web, where only one did so; tasks in "
        "which little was written.",
    ),
    "works": Text(ru="Работ прочитано", en="Works read"),
    "compared": Text(
        ru="Код сравнивается там, где студент сам написал больше строк, чем {lines}; столько работ в задании:",
        en="Code is compared where a student wrote more than {lines} lines; works in each task:",
    ),
    "none_compared": Text(ru="столько не написал никто", en="nobody wrote as many"),
    "teams": Text(
        ru="Команд, которые сдают вместе и с собой не сравниваются",
        en="Teams that hand in together and are not compared with themselves",
    ),
    "left_out": Text(ru="Не прочитаны", en="Left out"),
    "who": Text(ru="Кто с кем", en="Who with whom"),
    "students": Text(ru="Студенты", en="Students"),
    "code": Text(ru="Похожий код", en="Near code"),
    "weights": Text(ru="Веса", en="Weights"),
    "same": Text(ru="те же", en="the same"),
    "bugs": Text(ru="Редкие ошибки", en="Rare mistakes"),
    "shares": Text(
        ru="Два числа — какая часть кода первого есть у второго и наоборот. Выданное всем и то, что в "
        "классе пишут многие, не считается; имена, числа, тексты, комментарии, отступы и порядок функций "
        "не важны.",
        en="Two numbers: which part of the first one's code the second has, and the other way round. What "
        "everybody was given and what many of the class write does not count; names, numbers, texts, "
        "comments, layout and the order of functions do not matter.",
    ),
    "nobody": Text(ru="Ни у кого.", en="Nobody."),
    "more_rows": Text(ru="Ещё пар", en="More pairs"),
    "equal_weights": Text(ru="Одинаковые веса", en="Equal weights"),
    "weights_note": Text(
        ru="Все тензоры файла совпали до бита, как бы он ни назывался. На одинаковых машинах тот же код с "
        "тем же зерном и теми же настройками даёт те же веса, так что посмотрите и на код.",
        en="All tensors of the file are equal bit for bit, whatever its name. On equal machines the same "
        "code with the same seed and settings gives the same weights, so look at the code, too.",
    ),
    "rare": Text(ru="Редкие ошибки, общие у нескольких", en="Rare mistakes that several have"),
    "rare_note": Text(
        ru="Ошибка опознана у немногих из тех, кто писал задание.",
        en="A mistake that was recognised in few of those who wrote the task.",
    ),
    "of": Text(ru="из", en="of"),
    "beside": Text(ru="Код рядом", en="Code side by side"),
    "marked": Text(ru="Выделены строки, которые есть у обоих.", en="Lines that both have are marked."),
    "also": Text(ru="То же самое ещё у", en="The very same have"),
    "equal": Text(ru="одинаковый код", en="equal code"),
    "common": Text(ru="есть у обоих", en="in both"),
    "more_lines": Text(ru="Ещё строк", en="More lines"),
    "more_shown": Text(ru="Ещё пар, которые не показаны", en="More pairs that are not shown"),
}

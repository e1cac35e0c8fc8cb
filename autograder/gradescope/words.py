"""What students read on Gradescope, in both languages."""

from __future__ import annotations

from autograder.text import Text

SCORE = Text(ru="Баллы программы: {score} из {total}.", en="Points of the program: {score} of {total}.")
BONUS = Text(
    ru="Дополнительные задания входят в сумму, но не больше 20 баллов.",
    en="Bonus tasks are part of the sum, 20 points at most.",
)
BY_HAND = Text(
    ru="{tasks}: ответы читает и оценивает человек ({points}); в баллы программы они не входят.",
    en="{tasks}: a person reads and marks the answers ({points}); they are not among the points of the program.",
)
ANSWER = Text(ru="  + {row}: ответ прочитан", en="  + {row}: the answer was read")
NO_ANSWER = Text(ru="  - {row}: ответа нет", en="  - {row}: no answer")
RAW = Text(
    ru="Опоздание здесь не учтено: его учитывает Gradescope.",
    en="Lateness is not taken off here: Gradescope does that.",
)
NOT_GRADED = Text(ru="Работа не проверена", en="Not graded")
FAILED = Text(
    ru="Проверить работу не удалось, и это не ваша ошибка: оценки пока нет. Преподаватель видит причину и "
    "запустит проверку ещё раз.",
    en="The work could not be graded, and that is no fault of yours: there is no mark yet. Staff can see the reason "
    "and will run it again.",
)
STOPPED = Text(
    ru="Проверка оборвалась раньше конца: не хватило времени или памяти. Оценки пока нет; преподаватель запустит её "
    "ещё раз.",
    en="Grading was cut off before its end: time or memory ran out. There is no mark yet; staff will run it again.",
)

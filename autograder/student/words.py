"""The sentences that students read, in both languages."""

from __future__ import annotations

from autograder.text import Text

PASSED = Text(ru="пройден", en="passed")
FAILED = Text(ru="не пройден", en="failed")
TASK_PASSED = Text(ru="{task}: все открытые тесты пройдены ({n})", en="{task}: all public tests pass ({n})")
TASK_FAILED = Text(
    ru="{task}: не пройдено {bad} из {n} открытых тестов", en="{task}: {bad} of {n} public tests fail"
)
NOT_WRITTEN = Text(ru="{task}: ещё не написано", en="{task}: not written yet")
SAME = Text(ru="то же самое", en="the same")
USED = Text(ru="взято: {name} - {where}", en="used: {name}, {where}")
THIS_NOTEBOOK = Text(ru="из этой тетради", en="from this notebook")
CELL = Text(ru="ячейка In[{count}]", en="cell In[{count}]")
NOTHING_WRITTEN = Text(ru="не написано", en="not written")
WARNING = Text(ru="  ! {text}", en="  ! {text}")
FROM_FILE = Text(ru="из файла {file}", en="from the file {file}")
ASSERTION = Text(
    ru="{task}: не всё готово, подробности выше", en="{task}: not everything passes, details above"
)
BROKEN_TESTS = Text(ru="тесты не запустились: {why}", en="the tests did not start: {why}")
STOPPED = Text(ru="ваш код остановился с ошибкой {kind}: {text}", en="your code stopped with {kind}: {text}")
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
NO_FOLDER = Text(ru="Нет папки {where}.", en="There is no folder {where}.")
USAGE = Text(
    ru="Использование: hw-cnn {command} [ПАПКА]. Без папки берётся текущая.",
    en="Usage: hw-cnn {command} [DIR]. Without DIR the current folder is taken.",
)
REFUSED = Text(ru="Не собрано: {why}", en="Not packed: {why}")
SUMMARY = Text(ru="Пройдены полностью: {good} из {n} заданий.", en="Complete: {good} of {n} tasks.")
STILL_TO_WRITE = Text(ru="Ещё не написаны: {tasks}.", en="Not written yet: {tasks}.")
LOADING = Text(ru="Загружаю torch и Lightning...", en="Loading torch and Lightning...")
RECEIPT = Text(ru="Собран архив {path}", en="Packed {path}")
RECEIPT_FILES = Text(ru="Файлы:", en="Files:")
RECEIPT_FOUND = Text(ru="Найденные решения:", en="Solutions found:")
RECEIPT_HINT = Text(
    ru="Загрузите этот файл туда, куда указал преподаватель.", en="Upload this file where your teacher says."
)
BYTES = Text(ru="байт", en="bytes")
CKPT_UNREADABLE = Text(
    ru="{name} не читается ({why}). Сохраните веса так: torch.save(model.state_dict(), 'model.ckpt')",
    en="{name} cannot be read ({why}). Save the weights with torch.save(model.state_dict(), 'model.ckpt')",
)
CKPT_NOT_TENSORS = Text(
    ru="файл повреждён, или в нём не только тензоры", en="it is damaged, or holds more than tensors"
)
CKPT_NAMES = Text(
    ru="веса из {name} не подходят к вашей SeminarCNN: не хватает {missing}, лишние {extra}",
    en="the weights in {name} do not fit your SeminarCNN: missing {missing}, not expected {extra}",
)
CKPT_SHAPE = Text(
    ru="вес {key} в {name} имеет форму {found}, а в вашей SeminarCNN {wanted}",
    en="the weight {key} in {name} has shape {found}, in your SeminarCNN {wanted}",
)
CKPT_NO_NET = Text(
    ru="{name} есть, но SeminarCNN не создаётся ({why}); допишите её или уберите файл",
    en="{name} is there, but SeminarCNN cannot be made ({why}); finish it or remove the file",
)
CKPT_NOTE = Text(ru="веса проверены: {n} тензоров", en="weights checked: {n} tensors")
NOTHING = Text(ru="ничего", en="nothing")
FOREIGN_ZIP = Text(
    ru="{path} собран не этой командой; уберите или переименуйте его",
    en="{path} was not made by this command; move or rename it",
)
CANNOT_WRITE = Text(ru="не удаётся записать {path}: {why}", en="cannot write {path}: {why}")

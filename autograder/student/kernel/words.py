"""What `hw_cnn.check` says of a live value that the grader will not find, in both languages."""

from __future__ import annotations

from autograder.text import Text

READ_BY = Text(ru="{name} (нужно для {symbol})", en="{name} (read by {symbol})")
CHANGED = Text(
    ru="{what}: значение осталось от ячейки In[{live}]; её текст изменён и выполнен снова (In[{other}]), но {name} он "
    "больше не определяет. Верните определение и выполните ячейку.",
    en="{what} still is what cell In[{live}] made; that cell was changed and run again (In[{other}]) and no longer "
    "defines {name}. Put the definition back and run the cell.",
)
FAILED = Text(
    ru="{what}: значение осталось от ячейки In[{live}]: ячейка In[{other}], где {name} определяется заново, "
    "остановилась с ошибкой. Исправьте её и выполните снова.",
    en="{what} still is what cell In[{live}] made: cell In[{other}], which defines {name} anew, stopped with an error. "
    "Mend it and run it again.",
)
EDITED = Text(
    ru="{what}: ячейка In[{live}] изменена после выполнения. Выполните её снова: проверяется сохранённый текст.",
    en="{what}: cell In[{live}] was changed after it was run. Run it again: the saved text is what is graded.",
)
DELETED = Text(
    ru="{what}: ячейки In[{live}] в тетради больше нет. Верните её: проверяется сохранённая тетрадь.",
    en="{what}: cell In[{live}] is no longer in the notebook. Put it back: the saved notebook is what is graded.",
)
OUT_OF_ORDER = Text(
    ru="{what}: сейчас значение из ячейки In[{live}], а при запуске сверху вниз проверка {task} увидит значение из "
    "{other}. Перезапустите ядро и выполните ячейки по порядку.",
    en="{what} has its value from cell In[{live}]; run from top to bottom, the check of {task} sees the value of "
    "{other}. Restart the kernel and run the cells in order.",
)
PERHAPS_OUT_OF_ORDER = Text(
    ru="{what}: сейчас значение из ячейки In[{live}]. Если она стоит ниже проверки {task}, засчитывается значение из "
    "{other}: перезапустите ядро и выполните ячейки по порядку.",
    en="{what} has its value from cell In[{live}]. If that cell stands below the check of {task}, the value of {other} "
    "is what is graded: restart the kernel and run the cells in order.",
)
RUN_CELL = Text(ru="ячейки In[{count}]", en="cell In[{count}]")
CELL_NOT_RUN = Text(
    ru="ячейки {number} (по порядку среди ячеек с кодом), которую вы не выполняли",
    en="code cell {number}, which was not run",
)
RUN_BEFORE = Text(
    ru="ячейки In[{count}], выполненной раньше", en="cell In[{count}], which was run before that"
)
CHANGED_BELOW = Text(
    ru="{what}: объект изменён кодом {other}, а она стоит ниже проверки {task}: при запуске сверху вниз проверка этого "
    "изменения не увидит. Поднимите ячейку выше проверки или перезапустите ядро и выполните ячейки по порядку.",
    en="{what} was changed by {other}, which stands below the check of {task}: run from top to bottom, the check does "
    "not see that change. Move the cell above the check, or restart the kernel and run the cells in order.",
)
NO_LONGER_CHANGED = Text(
    ru="{what}: объект изменён кодом {other}, но её текст с тех пор другой и {name} больше не меняет. Перезапустите "
    "ядро и выполните ячейки по порядку.",
    en="{what} was changed by {other}, whose text is another one since and no longer changes {name}. Restart the "
    "kernel and run the cells in order.",
)
NOT_YET_CHANGED = Text(
    ru="{what}: сейчас это объект из ячейки In[{live}], без изменений от кода {other}. Выполните ячейки по порядку.",
    en="{what} is now what cell In[{live}] made, without the changes of {other}. Run the cells in order.",
)
FILE_CHANGED = Text(
    ru="{what}: файл {other} изменён после импорта, ядро помнит прежний, а проверяется нынешний. Перезапустите ядро.",
    en="{what}: the file {other} was changed after it was imported; the kernel remembers the old one, the new one is "
    "graded. Restart the kernel.",
)

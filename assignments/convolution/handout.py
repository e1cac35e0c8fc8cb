# %% [markdown] lang="ru"
# # {{title}}
#
# Лекция начинает с картинки как тензора и приходит к свёртке. Здесь этот путь пройден маленькими шагами: картинки и
# данные, полносвязный слой как свёртка, сама операция, её края, её матричная запись и её градиент.
#
# {{tasks}}
#
# **Как проверять себя.** После каждого задания стоит ячейка `hw_cnn.check("A1")`: она запускает открытые тесты на том,
# что написано в этой тетради. То же делает команда `hw-cnn check` в папке с работой; `hw-cnn submit` собирает архив.
# Последней строкой проверка говорит, сколько стоят открытые тесты: «Открытые тесты: 18 из 20 баллов». Баллы, которых
# там не хватает, зависят от свойств, которые видят только скрытые тесты: их проверьте сами.
#
# **Если застряли.** `hw_cnn.hint("A1")` в новой ячейке (или команда `hw-cnn hint A1`) даёт подсказку, каждый вызов —
# ещё одну. Их три на задание: идея, ловушка с примером на бумаге, алгоритм словами. На оценку подсказки не влияют, и
# никто не узнает, сколько вы открыли.
#
# Задания независимы: начинайте с любого. Тетрадь — одно пространство имён: вспомогательные функции разных заданий
# назовите по-разному.

# %% [markdown] lang="en"
# # {{title}}
#
# The lecture begins with an image as a tensor and arrives at convolution. Here the way is gone in small steps: images
# and data, a dense layer as a convolution, the operation itself, its borders, its form as a matrix, and its gradient.
#
# {{tasks}}
#
# **How to check yourself.** After each task there is a cell `hw_cnn.check("A1")`: it runs the public tests on what
# stands in this notebook. The command `hw-cnn check` does the same in the folder of your work; `hw-cnn submit` packs
# the archive.
# Its last line says what the public tests are worth: "Open tests: 18 of 20 points". Points that are missing there
# depend on properties that only hidden tests see: check those yourself.
#
# **If you are stuck.** `hw_cnn.hint("A1")` in a new cell (or the command `hw-cnn hint A1`) gives a hint, and one more
# at each call. Each task has three: the idea, a trap with an example on paper, the algorithm in words. Hints do not
# change your mark, and nobody learns how many you have opened.
#
# Tasks do not depend on each other: begin where you like. A notebook is one namespace: give helpers of different tasks
# different names.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import hw_cnn
from hw_cnn.data import load_digits

# %% [markdown] lang="ru"
# ## E1. Края картинки ({{points:E1}} баллов, около {{minutes:E1}} минут)
#
# Ядру 3×3 у края картинки не хватает пикселей. Можно отказаться от таких мест, тогда карта меньше картинки; можно
# решить, что стоит за краем. На лекции это показано на строке чисел $x_0 \dots x_4$; с двумя числами с каждой стороны
#
# | mode | строка |
# |---|---|
# | `"zeros"` | $0\;\;0\;\;x_0\;x_1\;x_2\;x_3\;x_4\;\;0\;\;0$ |
# | `"reflect"` | $x_2\,x_1\;\;x_0\;x_1\;x_2\;x_3\;x_4\;\;x_3\,x_2$ |
# | `"replicate"` | $x_0\,x_0\;\;x_0\;x_1\;x_2\;x_3\;x_4\;\;x_4\,x_4$ |
#
# При отражении зеркало стоит **на** крайнем пикселе, поэтому он не повторяется. Нули выглядят как чёрная рамка, и сеть
# может понять по ней, где край; зато с ними проще всего, и в сетях берут именно их.
#
# Напишите `pad2d(x, padding, mode="zeros")` для картинки `(..., H, W)`: перед высотой и шириной может стоять сколько
# угодно осей, и ни одной тоже. `padding` — ширина рамки с каждой стороны: `(сверху, снизу, слева, справа)`. Тип чисел
# остаётся тем же, в том числе целый. `ValueError` нужен для отрицательной ширины, для незнакомого `mode` и для
# отражения рамки, которая не уже картинки: таких пикселей в зеркале нет.
#
# Готовая `F.pad` здесь разрешена, как и `numpy.pad`: проверяется ответ. Но порядок сторон, число осей, целые числа и
# ошибки у `F.pad` другие, а через numpy не проходит градиент. Номера пикселей, которые видны в рамке, полезнее
# составить самому: это одна строка формул на каждый режим.
#
# **Проверяется:**
#
# {{properties:E1}}

# %% [markdown] lang="en"
# ## E1. Borders of an image ({{points:E1}} points, about {{minutes:E1}} minutes)
#
# At the border of an image a 3×3 kernel has too few pixels. One may do without such places, and the map is smaller than
# the image; or one decides what stands beyond the border. The lecture shows it on a row of numbers $x_0 \dots x_4$;
# with two numbers on each side
#
# | mode | row |
# |---|---|
# | `"zeros"` | $0\;\;0\;\;x_0\;x_1\;x_2\;x_3\;x_4\;\;0\;\;0$ |
# | `"reflect"` | $x_2\,x_1\;\;x_0\;x_1\;x_2\;x_3\;x_4\;\;x_3\,x_2$ |
# | `"replicate"` | $x_0\,x_0\;\;x_0\;x_1\;x_2\;x_3\;x_4\;\;x_4\,x_4$ |
#
# In a reflection the mirror stands **on** the last pixel, so that it is not repeated. Zeros look like a black frame,
# by which a network can tell where the border is; but they are the simplest, and networks use them.
#
# Write `pad2d(x, padding, mode="zeros")` for an image `(..., H, W)`: any number of axes may stand before height and
# width, none as well. `padding` is how wide the frame is on each side: `(top, bottom, left, right)`. The number type
# stays the same, whole numbers included. A `ValueError` is needed for a negative width, for a `mode` that does not
# exist, and for a reflection whose frame is not narrower than the image: the mirror has no such pixels.
#
# The ready-made `F.pad` is allowed here, and so is `numpy.pad`: the answer is what is checked. But `F.pad` has another
# order of sides, another number of axes, other errors, and trouble with whole numbers, and no gradient passes through
# numpy. To write down yourself which pixels are seen in the frame teaches more: it is one line of formulas a mode.
#
# **What is checked:**
#
# {{properties:E1}}

# %% task="E1"

# %%
framed_digit = load_digits("train")[0][0]
border_figure, border_axes = plt.subplots(1, 3, figsize=(8, 3))
for border_axis, border_mode in zip(border_axes, ("zeros", "reflect", "replicate"), strict=True):
    border_axis.imshow(pad2d(framed_digit[6:24, 6:24], (8, 8, 8, 8), border_mode), cmap="gray")
    border_axis.add_patch(plt.Rectangle((7.5, 7.5), 18, 18, fill=False, edgecolor="tab:red"))
    border_axis.set_title(border_mode)
    border_axis.axis("off")
plt.show()

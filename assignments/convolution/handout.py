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
# ## D1. Свёртка серой картинки ({{points:D1}} баллов, около {{minutes:D1}} минут)
#
# Свёртка на лекции, $n[k] = \sum_i m[k+i]\,a[-i]$, переворачивает ядро. У серой картинки две оси, и ядро $a$ размера
# $p \times q$ переворачивается по обеим:
#
# $$n[y, x] = \sum_{i=0}^{p-1} \sum_{j=0}^{q-1} m[y + i,\, x + j]\; a[p - 1 - i,\, q - 1 - j].$$
#
# Так её определяет математика, и не из прихоти: такая свёртка **коммутативна** и **ассоциативна**. Поэтому ядро,
# которое есть произведение столбца на строку, можно применить за два дешёвых шага. Слой `nn.Conv2d` ядро не
# переворачивает: веса подбирает сама сеть, и перевёрнутые ей не нужны.
#
# Напишите `conv2d_gray(image, kernel)`: картинка `(H, W)`, ядро `(p, q)`, ответ `(H - p + 1, W - q + 1)` — места, где
# ядро лежит на картинке целиком. Ядро больше картинки — это `ValueError`. Циклы разрешены, хоть все четыре. Готовая
# свёртка под запретом внутри функции, в любой записи: {{forbidden:D1}}. Преобразование Фурье, `Tensor.unfold` и einsum
# можно.
#
# **Проверяется:**
#
# {{properties:D1}}

# %% [markdown] lang="en"
# ## D1. Convolution of a grey image ({{points:D1}} points, about {{minutes:D1}} minutes)
#
# Convolution in the lecture, $n[k] = \sum_i m[k+i]\,a[-i]$, flips the kernel. A grey image has two axes, and a kernel
# $a$ of $p \times q$ weights is flipped along both:
#
# $$n[y, x] = \sum_{i=0}^{p-1} \sum_{j=0}^{q-1} m[y + i,\, x + j]\; a[p - 1 - i,\, q - 1 - j].$$
#
# This is how mathematics defines it, and not as a whim: such a convolution is **commutative** and **associative**. So a
# kernel that is the product of a column and a row can be applied in two cheap steps. The layer `nn.Conv2d` does not
# flip: a network finds its weights itself, and needs no flipped ones.
#
# Write `conv2d_gray(image, kernel)`: image `(H, W)`, kernel `(p, q)`, answer `(H - p + 1, W - q + 1)`, the places where
# the kernel lies wholly on the image. A kernel larger than the image is a `ValueError`. Loops are fine, all four of
# them if you like. Ready-made convolution is off limits inside the function, however it is written: {{forbidden:D1}}.
# The Fourier transform, `Tensor.unfold` and einsum are fine.
#
# **What is checked:**
#
# {{properties:D1}}

# %% task="D1"

# %%
grey_digit = load_digits("train")[0][1].float() / 255
slope_kernel = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
slope_kernels = {"m * a": slope_kernel, "m * a.flip(0, 1)": slope_kernel.flip(0, 1)}
slope_maps = {slope_name: conv2d_gray(grey_digit, kernel) for slope_name, kernel in slope_kernels.items()}
slope_figure, slope_axes = plt.subplots(1, 3, figsize=(8, 3))
slope_axes[0].imshow(grey_digit, cmap="gray")
for slope_axis, (slope_name, slope_map) in zip(slope_axes[1:], slope_maps.items(), strict=True):
    slope_axis.imshow(slope_map, cmap="coolwarm", vmin=-4, vmax=4)
    slope_axis.set_title(slope_name)
plt.show()

# %% [markdown] lang="ru"
# ## D3. Ядро на цветной картинке ({{points:D3}} баллов, около {{minutes:D3}} минут)
#
# Размытие, резкость, контуры — в редакторе картинок это одно ядро, которое проходит по красному, зелёному и синему
# каналам **по отдельности**. Ничего не складывается по каналам, и картинка остаётся цветной.
#
# Что делает ядро, видно по сумме его весов: картинка, одинаковая всюду, умножается на неё. У размытия и резкости сумма
# 1, яркость не меняется; у контуров 0, и всё ровное исчезает. Чтобы это было верно и у края, картинку за краем
# отражают: с нулями у размытой картинки появилась бы тёмная кайма.
#
# Напишите `apply_kernel(image, kernel, mode="reflect")`: картинка `(C, H, W)`, ядро `(p, q)` с нечётными сторонами,
# ответ `(C, H, W)`. `mode` — что стоит за краем: `"reflect"` (крайний пиксель не повторяется), `"replicate"` или
# `"zeros"`. Ядро не переворачивается. Ответ не обрезается: у контуров есть числа обоих знаков. Ядро с чётной стороной
# и незнакомый `mode` — это `ValueError`.
#
# Готовая свёртка под запретом внутри функции, в любой записи, по каналам и в группах тоже: {{forbidden:D3}}. Функция
# `apply` из `hw_cnn.interpret.kernels` вызывает её и поэтому не поможет. `F.pad`, `F.unfold` и преобразование Фурье
# можно.
#
# **Проверяется:**
#
# {{properties:D3}}

# %% [markdown] lang="en"
# ## D3. A kernel on a colour image ({{points:D3}} points, about {{minutes:D3}} minutes)
#
# Blur, sharpen, find edges: in an image editor this is one kernel which goes over the red, the green and the blue
# channel, **each by itself**. Nothing is added up over channels, and the image keeps its colours.
#
# What a kernel does is told by the sum of its weights: an image that is the same everywhere is multiplied by it. Blur
# and sharpening have the sum 1, brightness stays; edges have 0, and all that is even disappears. To make this true at
# the border, the image is mirrored there: with zeros a blurred image would get a dark rim.
#
# Write `apply_kernel(image, kernel, mode="reflect")`: image `(C, H, W)`, kernel `(p, q)` with odd sides, answer
# `(C, H, W)`. `mode` is what stands beyond the border: `"reflect"` (the last pixel is not repeated), `"replicate"` or
# `"zeros"`. The kernel is not flipped. The answer is not clipped: edges have numbers of both signs. A kernel with an
# even side, and a `mode` that does not exist, is a `ValueError`.
#
# Ready-made convolution is off limits inside the function, however it is written, by channels and in groups as well:
# {{forbidden:D3}}. The function `apply` of `hw_cnn.interpret.kernels` calls it, so that is no help. `F.pad`, `F.unfold`
# and the Fourier transform are fine.
#
# **What is checked:**
#
# {{properties:D3}}

# %% task="D3"

# %%
colour_digits = load_digits("train")[0][:3].float() / 255
editor_kernels = {
    "размытие / blur": torch.full((3, 3), 1 / 9),
    "резкость / sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "контуры / edges": torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
}
editor_figure, editor_axes = plt.subplots(1, 4, figsize=(11, 3))
editor_axes[0].imshow(colour_digits.permute(1, 2, 0))
for editor_axis, (editor_name, editor_kernel) in zip(editor_axes[1:], editor_kernels.items(), strict=True):
    editor_axis.imshow(apply_kernel(colour_digits, editor_kernel).clamp(0, 1).permute(1, 2, 0))
    editor_axis.set_title(editor_name)
plt.show()

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

# %% [markdown] lang="ru"
# ## F2. Картинка как матрица ({{points:F2}} баллов, около {{minutes:F2}} минут)
#
# Свёртка линейна, значит, её можно записать умножением на матрицу. Для этого каждое окно картинки вытягивают в столбец:
# `im2col`. Фильтр, вытянутый в строку, умноженный на столбец, — это число карты признаков, и вся свёртка становится
# одним произведением матриц, а перемножать матрицы компьютеры умеют лучше всего. Картинка 3×3 и окно 2×2:
#
# $$\begin{pmatrix}a&b&c\\d&e&f\\g&h&i\end{pmatrix} \to
# \begin{pmatrix}a&b&d&e\\b&c&e&f\\d&e&g&h\\e&f&h&i\end{pmatrix}.$$
#
# Столбцы здесь — окна в порядке чтения, в столбце одна за другой стоят строки окна. Если каналов несколько, сначала
# идут все клетки первого канала, потом второго. Размер окна, шаг и дополнение — число или пара (по вертикали, по
# горизонтали); дополнение — рамка нулей; число мест окна по высоте $H' = \lfloor (H + 2p - k) / s \rfloor + 1$.
#
# * `im2col(x, kernel_size, stride=1, padding=0)`: картинки `(N, C, H, W)` в матрицы `(N, C·p·q, L)`, где
#   $L = H' \cdot W'$;
# * `col2im(columns, image_size, kernel_size, stride=1, padding=0)`: матрицы обратно в картинки размера
#   `image_size = (H, W)`. Каждый столбец кладётся туда, где стояло его окно; **числа, которые встретились в одном
#   пикселе, складываются**.
#
# `col2im` не обратна к `im2col`: пиксель, который видели четыре окна, вернётся учетверённым. Она **сопряжена** с ней,
# то есть умножает на транспонированную матрицу: для любых картинки $x$ и столбцов $c$
#
# $$\langle \mathrm{im2col}(x),\, c \rangle = \langle x,\, \mathrm{col2im}(c) \rangle.$$
#
# Так устроен градиент любого линейного отображения: он возвращается по тем же путям и складывается там, где пути
# расходились.
#
# Готовая `F.unfold` и свёртка с единичными ядрами под запретом внутри обеих функций, в любой записи: {{forbidden:F2}}.
# `Tensor.unfold`, срезы, номера пикселей и autograd можно. `F.fold` тоже можно: её результат обязан совпасть с вашим.
# Но col2im короче написать самому, чем объяснить, почему `F.fold` складывает.
#
# **Проверяется:**
#
# {{properties:F2}}

# %% [markdown] lang="en"
# ## F2. An image as a matrix ({{points:F2}} points, about {{minutes:F2}} minutes)
#
# Convolution is linear, so it can be written as a product with a matrix. For that each window of the image is stretched
# into a column: `im2col`. A filter, stretched into a row, times a column is a number of the feature map, and the whole
# convolution becomes one product of matrices, which is what computers do best. A 3×3 image and a 2×2 window:
#
# $$\begin{pmatrix}a&b&c\\d&e&f\\g&h&i\end{pmatrix} \to
# \begin{pmatrix}a&b&d&e\\b&c&e&f\\d&e&g&h\\e&f&h&i\end{pmatrix}.$$
#
# Columns are windows in the order of reading, and a column holds the rows of its window, one after the other. With
# several channels all cells of the first come first, then those of the second. Window, stride and padding are a number
# or a pair (vertical, horizontal); padding is a frame of zeros; along the height a window has
# $H' = \lfloor (H + 2p - k) / s \rfloor + 1$ places.
#
# * `im2col(x, kernel_size, stride=1, padding=0)`: images `(N, C, H, W)` to matrices `(N, C·p·q, L)` with
#   $L = H' \cdot W'$;
# * `col2im(columns, image_size, kernel_size, stride=1, padding=0)`: matrices back to images of the size
#   `image_size = (H, W)`. Each column is put where its window stood; **numbers that meet in one pixel are added up**.
#
# `col2im` is not the inverse of `im2col`: a pixel that four windows saw comes back four times as large. It is its
# **adjoint**, a product with the transposed matrix: for all images $x$ and columns $c$
#
# $$\langle \mathrm{im2col}(x),\, c \rangle = \langle x,\, \mathrm{col2im}(c) \rangle.$$
#
# The gradient of any linear map is made like that: it comes back along the same paths, and adds up where they parted.
#
# The ready-made `F.unfold`, and convolution with kernels of a single one, are off limits inside both functions, however
# they are written: {{forbidden:F2}}. `Tensor.unfold`, slices, numbers of pixels and autograd are fine. So is `F.fold`:
# what it gives has to equal yours. But col2im is written sooner than it is explained why `F.fold` adds.
#
# **What is checked:**
#
# {{properties:F2}}

# %% task="F2"

# %%
window_digit = load_digits("train")[0][0].float()[None, None] / 255
window_columns = im2col(window_digit, 5, stride=2)
window_counts = col2im(torch.ones_like(window_columns), (28, 28), 5, stride=2)
columns_figure, columns_axes = plt.subplots(1, 3, figsize=(11, 3), width_ratios=(1, 2.4, 1))
columns_axes[0].imshow(window_digit[0, 0], cmap="gray")
columns_axes[0].set_title("28x28")
columns_axes[1].imshow(window_columns[0], cmap="gray", aspect="auto")
columns_axes[1].set_title("im2col: 25 x 144")
columns_axes[2].imshow(window_counts[0, 0], cmap="viridis")
columns_axes[2].set_title("сколько окон видят пиксель / windows that see a pixel")
plt.show()

# %% [markdown] lang="ru"
# ## F4. Свёрточный слой ({{points:F4}} баллов, около {{minutes:F4}} минут)
#
# До сих пор веса приходили в функцию снаружи. **Слой** хранит их сам: это `nn.Parameter`, которые видит оптимизатор,
# которые сохраняются в `state_dict` и переезжают на видеокарту вместе с сетью. Проверить свой слой проще всего чужими
# весами: если `load_state_dict` принял веса `nn.Conv2d` и ответ совпал, слой готов.
#
# Напишите класс `Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True)`:
#
# * это наследник `nn.Module`. Наследовать `nn.Conv2d` нельзя: тогда писать было бы нечего;
# * параметры `weight` формы `(out_channels, in_channels, p, q)` и `bias` формы `(out_channels,)`; с `bias=False`
#   смещения нет, и `self.bias` равен `None`;
# * сначала они случайные: равномерно от $-1/\sqrt{n}$ до $1/\sqrt{n}$, где $n$ — число весов одного фильтра. С нулями
#   все фильтры получали бы одинаковый градиент и оставались бы одинаковыми;
# * `forward` считает то же, что `nn.Conv2d`: ядро не переворачивается, рамка из нулей. Размер ядра, шаг и дополнение —
#   число или пара (по вертикали, по горизонтали).
#
# Готовая свёртка под запретом, в любой записи: {{forbidden:F4}}. `F.unfold` здесь можно: вместе с ней свёртка — это
# произведение матриц, как в F2. Ваши функции из других заданий тоже годятся, но тогда их ошибки станут ошибками слоя.
#
# **Проверяется:**
#
# {{properties:F4}}

# %% [markdown] lang="en"
# ## F4. A convolutional layer ({{points:F4}} points, about {{minutes:F4}} minutes)
#
# So far weights came to a function from outside. A **layer** keeps them itself: they are `nn.Parameter`s, which an
# optimizer sees, which are saved in the `state_dict` and move to a graphics card along with the network. The simplest
# check of a layer is with weights from elsewhere: once `load_state_dict` takes those of `nn.Conv2d` and the answer is
# the same, it is done.
#
# Write the class `Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True)`:
#
# * it is a subclass of `nn.Module`. Do not inherit from `nn.Conv2d`: there would be nothing left to write;
# * the parameters are `weight` of shape `(out_channels, in_channels, p, q)` and `bias` of shape `(out_channels,)`; with
#   `bias=False` there is none, and `self.bias` is `None`;
# * they begin at random: evenly between $-1/\sqrt{n}$ and $1/\sqrt{n}$, where $n$ is the number of weights of a filter.
#   With zeros all filters would get the same gradient, and stay alike;
# * `forward` computes what `nn.Conv2d` does: the kernel is not flipped, the frame is made of zeros. Kernel, stride and
#   padding are a number or a pair (vertical, horizontal).
#
# Ready-made convolution is off limits, however it is written: {{forbidden:F4}}. `F.unfold` is allowed here: with it
# convolution is a product of matrices, as in F2. Your functions of other tasks will do as well, but then their mistakes
# become mistakes of the layer.
#
# **What is checked:**
#
# {{properties:F4}}

# %% task="F4"

# %%
own_layer, torch_layer = Conv2d(1, 6, 5), nn.Conv2d(1, 6, 5)
own_layer.load_state_dict(torch_layer.state_dict())
layer_digit = load_digits("train")[0][2].float()[None, None] / 255
with torch.no_grad():
    layer_maps, layer_difference = own_layer(layer_digit), own_layer(layer_digit) - torch_layer(layer_digit)
layer_largest = float(layer_difference.abs().max())
print(f"отличие от nn.Conv2d: {layer_largest:.1e} / difference from nn.Conv2d: {layer_largest:.1e}")
layer_figure, layer_axes = plt.subplots(1, 6, figsize=(11, 2))
for layer_axis, layer_map in zip(layer_axes, layer_maps[0], strict=True):
    layer_axis.imshow(layer_map, cmap="coolwarm")
    layer_axis.axis("off")
plt.show()

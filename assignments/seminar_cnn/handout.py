# %% [markdown] lang="ru"
# # {{title}}
#
# В этой работе вы соберёте свёрточную сеть целиком: сначала посчитаете, во что обходятся полносвязные слои, потом
# напишете свёртку и пулинг, по определению и своими руками, затем сеть из готовых слоёв, обучение в Lightning и метрику
# соревнования ImageNet. В конце сеть прочтёт рукописные цифры.
#
# {{tasks}}
#
# **Как проверять себя.** После каждого задания стоит ячейка `hw_cnn.check("{{first}}")`: она запускает открытые тесты
# на том, что написано в этой тетради, и отвечает словами. То же делает команда `hw-cnn check` в папке с работой.
# Последней строкой проверка говорит, сколько стоят открытые тесты: «Открытые тесты: 18 из 20 баллов». Баллы, которых
# там не хватает, зависят от свойств, которые видят только скрытые тесты: их проверьте сами.
#
# **Если застряли.** `hw_cnn.hint("{{first}}")` в новой ячейке (или команда `hw-cnn hint {{first}}`) даёт подсказку,
# каждый вызов — ещё одну. Их три на каждое задание с тестами: идея, ловушка с примером на бумаге, алгоритм словами.
# На оценку подсказки не влияют, и никто не узнает, сколько вы открыли.
#
# **Как сдавать.** `hw-cnn submit` собирает архив, проверяет его и печатает квитанцию; архив загружайте, куда указал
# преподаватель. Решения берутся из ячеек заданий, поэтому имена функций и их аргументы не меняйте. Остальные ячейки
# (графики, обучение, опыты) при проверке не выполняются: испортить ими оценку нельзя.
#
# **Как мы оцениваем.** Ваш код запускается в отдельном процессе, проверки сравнивают его ответы с правильными на
# случайных данных, у каждого студента своих. *Что* проверяется, написано в каждом задании полностью; закрыты только
# числа. Одна частая ошибка стоит немногого: перепутанная пара шагов — это полбалла, а не всё задание. Решения
# с циклами получают полный балл, скорость оценивает только бонус F5. Ошибка в одном задании не отнимает баллов у
# другого: сеть использует слои из torch, а не вашу свёртку. Что в задании не названо запретным, разрешено. Последнее
# задание, W, и бонус X2 читает и оценивает человек.

# %% [markdown] lang="en"
# # {{title}}
#
# In this homework you put together a whole convolutional network: first you count what dense layers cost, then you
# write convolution and pooling, by definition and by hand, then a network of ready-made layers, training with
# Lightning, and the metric of the ImageNet competition. At the end the network reads handwritten digits.
#
# {{tasks}}
#
# **How to check yourself.** After each task there is a cell `hw_cnn.check("{{first}}")`: it runs the public tests on
# what stands in this notebook, and answers in words. The command `hw-cnn check` does the same in the folder of your
# work. Its last line says what the public tests are worth: "Open tests: 18 of 20 points". Points that are missing
# there depend on properties that only hidden tests see: check those yourself.
#
# **If you are stuck.** `hw_cnn.hint("{{first}}")` in a new cell (or the command `hw-cnn hint {{first}}`) gives a
# hint, and one more at each call. Each task with tests has three: the idea, a trap with an example on paper, the
# algorithm in words. Hints do not change your mark, and nobody learns how many you have opened.
#
# **How to hand in.** `hw-cnn submit` packs the archive, checks it and prints a receipt; upload the archive where your
# teacher says. Solutions are taken from the cells of the tasks, so keep the names of functions and arguments. All
# other cells (plots, training, experiments) are not run when we grade: they cannot spoil your mark.
#
# **How we grade.** Your code runs in a process of its own, and the checks compare its answers with the right ones on
# random data, different for each student. *What* is checked is written in each task, completely; only the numbers are
# hidden. One common mistake costs little: a mixed-up pair of strides is half a point, not the task. Solutions with
# loops get full marks, speed counts in the bonus F5 only. A mistake in one task costs nothing in another: the network
# uses torch's layers, not your convolution. What a task does not name as off limits is allowed. The last task, W, and
# the bonus X2 are read and marked by a person.

# %%
import logging
import math
import warnings

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from lightning import LightningModule, Trainer, seed_everything
from lightning.pytorch.callbacks import LambdaCallback
from torch import Tensor, nn
from torchmetrics.classification import MulticlassAccuracy

import hw_cnn
from hw_cnn import classifier, shapes
from hw_cnn.data import DigitsDataModule, load_digits
from hw_cnn.interpret import embedding_map, receptive_field
from hw_cnn.interpret.figures.activations import draw_outputs
from hw_cnn.interpret.figures.blocks import draw_blocks
from hw_cnn.interpret.figures.embedding_map import draw_embedding
from hw_cnn.interpret.figures.filters import draw_filters
from hw_cnn.interpret.figures.shift_curve import draw_shift_curve
from hw_cnn.interpret.kernels import photo as load_photo
from hw_cnn.models import seminar

# %% lang="ru"
LANG = "ru"  # язык подписей
# Lightning при каждом запуске рассказывает об устройствах и даёт советы; здесь хватит сообщений об ошибках.
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", module="lightning")

# %% lang="en"
LANG = "en"  # the language of captions
# Lightning tells about devices and gives advice at every start; errors are enough here.
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", module="lightning")

# %%
def show(images, titles, columns=None, signed=False, limit=None):
    """ru: Рисует картинки (H, W) или (H, W, 3) рядами; signed: синее — отрицательные числа, красное — положительные;
    ru: limit: одна шкала для всех картинок.
    en: Draw images (H, W) or (H, W, 3) in rows; signed: blue is negative, red is positive; limit: one scale for all.
    """
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    side, lines = min(1.9, 11 / columns), 1 + max(title.count("\n") for title in titles)
    size = (side * columns, (side + 0.17 * lines) * rows)
    _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        image = image.detach().float()
        top = limit or float(image.abs().max()) or 1.0
        colours = {"cmap": "coolwarm" if signed else "gray", "vmin": -top if signed else 0.0, "vmax": top}
        axis.imshow(image, **colours)
        axis.set_title(title, fontsize=9)
    plt.show()


# %% [markdown] lang="ru"
# ## Данные
#
# Вместе с библиотекой приходят 8 000 цифр MNIST: 6 000 обучающих, 1 000 проверочных и 1 000 тестовых. Ничего качать
# не нужно. Ещё 2 000 цифр остались у нас: на них мы измерим точность вашей сети.
#
# Картинка для сети — это тензор: канал, строка, столбец. У серой картинки канал один, у цветной три. Несколько картинок
# вместе — батч, и первая ось тензора `(N, C, H, W)` нумерует картинки.

# %% [markdown] lang="en"
# ## Data
#
# The library comes with 8,000 digits of MNIST: 6,000 for training, 1,000 for validation and 1,000 for testing. Nothing
# has to be downloaded. Another 2,000 digits stay with us: we measure the accuracy of your network on them.
#
# To a network an image is a tensor: channel, row, column. A grey image has one channel, a colour image three. Several
# images together are a batch, and the first axis of the tensor `(N, C, H, W)` numbers the images.

# %%
images, labels = load_digits("train")
print(tuple(images.shape), images.dtype, labels[:8].tolist())
show(list(images[:8]), [str(int(label)) for label in labels[:8]])

# %% [markdown] lang="ru"
# Цветная картинка — это три таблицы одного размера: сколько в каждом пикселе красного, зелёного и синего. Чем светлее
# место, тем больше число. Серую картинку из цветной делают, складывая каналы с весами.

# %% [markdown] lang="en"
# A colour image is three tables of one size: how much red, green and blue there is in each pixel. The lighter a place,
# the larger the number. A grey image is made of a colour image by adding the channels with weights.

# %%
photo = load_photo()
means = photo.float().mean((1, 2)).tolist()
print(tuple(photo.shape), photo.dtype, "среднее по каналам / mean of the channels", *(round(mean) for mean in means))
planes = ["красный / red", "зелёный / green", "синий / blue"]
show([photo.permute(1, 2, 0) / 255, *(plane / 255 for plane in photo)], ["цвет / colour", *planes], limit=1.0)

# %% [markdown] lang="ru"
# ## B1. Считаем параметры ({{points:B1}} балла, около {{minutes:B1}} минут)
#
# Полносвязный слой смотрит на картинку как на длинный вектор: у каждого нейрона по весу на каждый пиксель и одно
# смещение. На картинке 5×5 в слое из 10 нейронов $25 \cdot 10 + 10 = 260$ чисел. На слайде эта сеть названа сетью
# «с одним скрытым слоем», но скрытых слоёв в ней нет: со скрытым слоем из 10 нейронов чисел было бы
# $25 \cdot 10 + 10 + 10 \cdot 10 + 10 = 370$. На цветной картинке 224×224 в одном слое из 1000 нейронов
# $224 \cdot 224 \cdot 3 \cdot 1000 = 150\,528\,000$ весов: больше, чем во всей VGG-16 (138 миллионов),
# и всё это ради одного слоя.
#
# В свёрточном слое у каждого фильтра по **ядру** $k \times k$ на каждый входной канал и одно смещение.
# От размера картинки число параметров не зависит. Если каналы разбиты на группы (`groups`, так сделано в AlexNet),
# фильтр видит только каналы своей группы.
#
# Напишите `dense_params(sizes, bias=True)`: `sizes` — сколько чисел входит, затем размеры слоёв, так что `(25, 10)` это
# один слой, а `(25, 10, 10)` — сеть со скрытым слоем. И
# `conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True)` с теми же аргументами, что у `nn.Conv2d`.
# Посчитать можно и слоями torch (`device="meta"`, чтобы не занимать память), но формула короче.
#
# **Проверяется:**
#
# {{properties:B1}}

# %% [markdown] lang="en"
# ## B1. Counting parameters ({{points:B1}} points, about {{minutes:B1}} minutes)
#
# A dense layer takes an image as one long vector: each unit has a weight for each pixel, and one bias. On an image of
# 5×5 a layer of 10 units holds $25 \cdot 10 + 10 = 260$ numbers. The slide calls this a network "with one hidden
# layer", but there is no hidden layer in it: with one of 10 units it would be $25 \cdot 10 + 10 + 10 \cdot 10 + 10 =
# 370$. On a colour image of 224×224 a single layer of 1000 units holds $224 \cdot 224 \cdot 3 \cdot 1000 =
# 150{,}528{,}000$ weights: more than in the whole of VGG-16 (138 million), and all of it for one layer.
#
# A convolutional layer holds a **kernel** of $k \times k$ for each input channel of each filter, and one bias for each
# filter. The number of parameters does not depend on the size of the image. With the channels in groups (`groups`, as
# in AlexNet) a filter sees the channels of its own group only.
#
# Write `dense_params(sizes, bias=True)`: `sizes` says how many numbers go in, then the sizes of the layers, so that
# `(25, 10)` is one layer and `(25, 10, 10)` a network with a hidden layer. And `conv_params(in_channels, out_channels,
# kernel_size, groups=1, bias=True)` with the arguments of `nn.Conv2d`. Layers of torch may count for you
# (`device="meta"` takes no memory), but the formula is shorter.
#
# **What is checked:**
#
# {{properties:B1}}

# %% task="B1"

# %% [markdown] lang="ru"
# ## C1. Одномерная свёртка по формуле лекции ({{points:C1}} баллов, около {{minutes:C1}} минут)
#
# Лекция определяет свёртку на ряде чисел. Сигнал $m$, ядро $a$ длины $2w + 1$ с номерами $-w, \dots, w$:
#
# $$n[k] = \sum_{i=-w}^{w} m[k+i]\; a[-i].$$
#
# Посмотрите на знаки: сосед **справа**, $m[k+1]$, встречает число ядра **слева** от середины, $a[-1]$. Ядро
# переворачивается; так свёртка определена в математике. На слайде примеры симметричны, и этого не видно.
#
# Ответ есть только там, где ядро целиком лежит внутри сигнала: $k = w, \dots, L - 1 - w$, всего $L - 2w$ чисел (режим
# `valid`). У ядра чётной длины нет середины: это ошибка.
#
# Напишите `conv1d_lecture(signal, kernel)`; `kernel` хранит $a[-w], \dots, a[w]$ по порядку. Готовая свёртка под
# запретом, в любой записи: {{forbidden:C1}}. Циклы, срезы, `Tensor.unfold`, `flip`, преобразование Фурье можно.
#
# **Проверяется:**
#
# {{properties:C1}}

# %% [markdown] lang="en"
# ## C1. One-dimensional convolution by the lecture's formula ({{points:C1}} points, about {{minutes:C1}} minutes)
#
# The lecture defines convolution on a row of numbers. Signal $m$, kernel $a$ of length $2w + 1$ with numbers
# $-w, \dots, w$:
#
# $$n[k] = \sum_{i=-w}^{w} m[k+i]\; a[-i].$$
#
# Look at the signs: the neighbour on the **right**, $m[k+1]$, meets the number on the **left** of the kernel's middle,
# $a[-1]$. The kernel is flipped; mathematics defines convolution so. The slide's examples are symmetric and do not
# show it.
#
# There is an answer only where the kernel lies wholly inside the signal: $k = w, \dots, L - 1 - w$, altogether $L - 2w$
# numbers (mode `valid`). A kernel of even length has no middle: that is an error.
#
# Write `conv1d_lecture(signal, kernel)`; `kernel` holds $a[-w], \dots, a[w]$ in this order. A ready-made convolution is
# off limits, however it is written: {{forbidden:C1}}. Loops, slices, `Tensor.unfold`, `flip` and the Fourier transform
# are fine.
#
# **What is checked:**
#
# {{properties:C1}}

# %% task="C1"

# %% [markdown] lang="ru"
# Ряд пикселей с краем и два ядра. Первое усредняет трёх соседей: край размыт. Второе, `-1 0 1`, отвечает только на
# краю. Обратите внимание на знак: края вверх дают **минус**, потому что ядро перевёрнуто.

# %% [markdown] lang="en"
# A row of pixels with an edge, and two kernels. The first averages three neighbours: the edge is blurred. The second,
# `-1 0 1`, answers at the edge only. Mind the sign: an edge upwards gives **minus**, because the kernel is flipped.

# %%
row = torch.tensor([0.0] * 6 + [1.0] * 6)
kernels = {"1/3 1/3 1/3": torch.full((3,), 1 / 3), "-1 0 1": torch.tensor([-1.0, 0.0, 1.0])}
answers = {name: conv1d_lecture(row, kernel) for name, kernel in kernels.items()}
figure, axes = plt.subplots(1, 3, figsize=(9, 2.2), sharex=True, sharey=True)
axes[0].stem(range(12), row)
axes[0].set_title("сигнал / signal", fontsize=9)
axes[0].set_xticks(range(0, 12, 2))
for axis, (name, answer) in zip(axes[1:], answers.items(), strict=True):
    axis.stem(range(1, 11), answer)
    axis.set_title(f"ядро {name} / kernel {name}", fontsize=9)
for axis in axes:
    axis.set_xlabel("k")
figure.tight_layout()
plt.show()

# %% [markdown] lang="ru"
# ## D2. Размеры: сколько мест у окна ({{points:D2}} балла, около {{minutes:D2}} минут)
#
# Сколько чисел останется после свёртки или пулинга? Столько, на скольких местах помещается окно. Окно из $k$ клеток
# на ряду из $n$ чисел с **шагом** $s$ (окно встаёт на каждое $s$-е место, начиная с первого), **дополнением** $p$ (по
# $p$ чисел с каждой стороны) и **разрежением** $d$ (dilation: соседние клетки окна стоят через $d$).
#
# Напишите `out_size(n, kernel, stride=1, padding=0, dilation=1)` и обратную к ней `same_padding(kernel, dilation=1)`:
# какое дополнение с каждой стороны сохраняет размер при шаге 1. Там, где окно не помещается или такого дополнения нет,
# нужен `ValueError`. Гонять сквозь готовые слои пустой тензор нельзя: {{forbidden:D2}}.
#
# **Проверяется:**
#
# {{properties:D2}}

# %% [markdown] lang="en"
# ## D2. Sizes: how many places a window has ({{points:D2}} points, about {{minutes:D2}} minutes)
#
# How many numbers are left after a convolution or a pooling? As many as there are places where the window fits. A
# window of $k$ cells on a row of $n$ numbers with **stride** $s$ (the window stands at every $s$-th place, from the
# first on), **padding** $p$ ($p$ numbers on each side) and **dilation** $d$ (neighbouring cells of the window stand $d$
# apart).
#
# Write `out_size(n, kernel, stride=1, padding=0, dilation=1)` and its inverse `same_padding(kernel, dilation=1)`: which
# padding on each side keeps the size when the stride is 1. Where the window does not fit, or there is no such padding,
# a `ValueError` is needed. Sending an empty tensor through ready-made layers is off limits: {{forbidden:D2}}.
#
# **What is checked:**
#
# {{properties:D2}}

# %% task="D2"

# %% [markdown] lang="ru"
# ## F1. Свёртка цветных изображений ({{points:F1}} баллов, около {{minutes:F1}} минут)
#
# У полносвязного слоя на картинке 28×28 отдельный вес для каждого пикселя, и он забывает, что соседние пиксели
# связаны. Свёртка устроена иначе: маленькое **ядро** скользит по картинке, и в каждом положении мы складываем
# произведения его весов на пиксели под ним. Веса одни и те же повсюду: если цифра сдвинется, ответ сдвинется вместе с
# ней. Из чисел, которые насчитало одно ядро, получается **карта признаков**.
#
# Для батча цветных картинок $x$, фильтров $w$ и смещений $b$
#
# $$\mathrm{out}[n, o, y, x'] = b[o] + \sum_{c}\sum_{i}\sum_{j}
# \tilde x[n,\, c,\, s_y\, y + i,\, s_x\, x' + j]\; w[o, c, i, j],$$
#
# где $\tilde x$ — картинка, дополненная нулями, а $s_y$ и $s_x$ — **шаг** (stride) по вертикали и по горизонтали.
# **Дополнение** (padding) $p$ — это рамка из $p$ нулей с каждой стороны. Высота карты
#
# $$H' = \left\lfloor \frac{H + 2p - k}{s} \right\rfloor + 1,$$
#
# и так же для ширины. У каждого фильтра свой набор ядер, по одному на канал; вклады каналов складываются.
#
# **Сверьтесь с лекцией.** Свёртка на лекции, $n[k] = \sum_i m[k+i]\,a[-i]$, переворачивает ядро. Слой `nn.Conv2d` и
# функция `conv2d` из этого задания ядро **не** переворачивают: строго говоря, это взаимная корреляция. Веса сеть
# подбирает сама, поэтому для неё разницы нет, а для вашего кода есть.
#
# Напишите `conv2d`. Готовая свёртка здесь под запретом, в любой записи и вместе с её градиентом: {{forbidden:F1}}. Всё
# остальное можно: циклы, срезы, `F.pad`, `Tensor.unfold`, `torch.einsum`, преобразование Фурье. Сравнивать с готовой
# функцией можно где угодно, кроме самой `conv2d`: вызов внутри неё лишает задание баллов. Градиент посчитает torch,
# если вы не выйдете из его операций. Подсказка: цикл по $k \times k$ клеткам ядра короче и быстрее, чем цикл по
# пикселям.
#
# **Проверяется:**
#
# {{properties:F1}}

# %% [markdown] lang="en"
# ## F1. Convolution of colour images ({{points:F1}} points, about {{minutes:F1}} minutes)
#
# A dense layer on a 28×28 image keeps a weight for each pixel and forgets that neighbouring pixels belong together.
# Convolution works in another way: a small **kernel** slides over the image, and at each position we add up the
# products of its weights and the pixels below. The weights are the same everywhere: when the digit moves, the answer
# moves with it. The numbers that one kernel gives make a **feature map**.
#
# For a batch of colour images $x$, filters $w$ and biases $b$
#
# $$\mathrm{out}[n, o, y, x'] = b[o] + \sum_{c}\sum_{i}\sum_{j}
# \tilde x[n,\, c,\, s_y\, y + i,\, s_x\, x' + j]\; w[o, c, i, j],$$
#
# where $\tilde x$ is the image padded with zeros, and $s_y$, $s_x$ are the vertical and the horizontal **stride**.
# **Padding** $p$ is a frame of $p$ zeros on each side. The height of the map is
#
# $$H' = \left\lfloor \frac{H + 2p - k}{s} \right\rfloor + 1,$$
#
# and likewise the width. Each filter has its own set of kernels, one per channel; the channels are added up.
#
# **Compare with the lecture.** Convolution in the lecture, $n[k] = \sum_i m[k+i]\,a[-i]$, flips the kernel. The layer
# `nn.Conv2d` and the function `conv2d` of this task do **not**: strictly speaking this is cross-correlation. A network
# finds its weights itself, so it does not care; your code does.
#
# Write `conv2d`. A ready-made convolution is off limits here, however it is written, and so is its gradient:
# {{forbidden:F1}}. Anything else is fine: loops, slices, `F.pad`, `Tensor.unfold`, `torch.einsum`, the Fourier
# transform. You may compare with the ready-made function anywhere but in `conv2d` itself: a call inside it costs the
# points of the task. torch finds the gradient as long as you stay within its operations. Hint: a loop over the
# $k \times k$ cells of the kernel is shorter and faster than a loop over pixels.
#
# **What is checked:**
#
# {{properties:F1}}

# %% [markdown] lang="ru"
# ### Как окно скользит
#
# Картинка 5×5 и ядро 3×3 (`1 0 2 / 0 1 0 / 0 0 1`): у окна девять мест. На каждом рисунке пиксели под ядром умножены на
# его веса, сумма стоит сверху; девять сумм и есть карта признаков 3×3.

# %% [markdown] lang="en"
# ### How the window slides
#
# An image of 5×5 and a kernel of 3×3 (`1 0 2 / 0 1 0 / 0 0 1`): the window has nine places. In each drawing the pixels
# below the kernel are multiplied by its weights, and the sum stands above; the nine sums are the feature map of 3×3.

# %%
board = torch.tensor([[1, 2, 0, 0, 1], [0, 1, 3, 1, 0], [0, 2, 1, 1, 2], [1, 0, 0, 1, 0], [2, 1, 0, 1, 1]])
corner = torch.tensor([[1, 0, 2], [0, 1, 0], [0, 0, 1]])
sums = torch.zeros(3, 3, dtype=torch.int64)
dark = "#a50f15"  # тёмно-красный виден и на сером / dark red is seen on grey, too
figure, axes = plt.subplots(3, 3, figsize=(6.4, 7.2))
for row in range(3):
    for column in range(3):
        window, axis = board[row : row + 3, column : column + 3], axes[row, column]
        sums[row, column] = (window * corner).sum()
        axis.imshow(board, cmap="Greys", vmin=0, vmax=12)
        frame = plt.Rectangle((column - 0.5, row - 0.5), 3, 3, fill=False, edgecolor=dark, linewidth=2, clip_on=False)
        axis.add_patch(frame)
        for i in range(5):
            for j in range(5):
                inside = row <= i < row + 3 and column <= j < column + 3
                text = f"{board[i, j]}·{corner[i - row, j - column]}" if inside else f"{board[i, j]}"
                axis.text(j, i, text, ha="center", va="center", fontsize=8, color=dark if inside else "black")
        axis.set_title(f"= {int(sums[row, column])}", fontsize=10)
        axis.axis("off")
figure.tight_layout()
plt.show()
print(sums)

# %% [markdown] lang="ru"
# У цветной картинки фильтр — это коробка: по ядру на каждый канал. Она скользит по всем каналам сразу и даёт **одну**
# карту. Сколько фильтров, столько и карт: шесть фильтров 3×5×5 дают шесть карт.

# %% [markdown] lang="en"
# For a colour image a filter is a box: one kernel for each channel. It slides over all channels at once and gives
# **one** map. There are as many maps as filters: six filters of 3×5×5 give six maps.

# %%
color = ("картинка / image", (3, 32, 32))
draw_blocks([color, ("один фильтр / one filter", (3, 5, 5)), ("его карта / its map", (1, 28, 28))])
draw_blocks([color, ("карты шести фильтров / maps of six filters", (6, 28, 28))])

# %% task="F1"

# %% [markdown] lang="ru"
# ### Посмотрим на свёртку
#
# Ядра с лекции на одной цифре. Красное — большие положительные числа, синее — отрицательные. Ядро контуров отвечает
# только там, где яркость меняется. Последние два ядра различаются только знаками; одно из них стоит на слайде
# «Увеличение резкости». Какое из них её увеличивает? Ответит задание D4.

# %% [markdown] lang="en"
# ### A look at convolution
#
# The lecture's kernels on one digit. Red are large positive numbers, blue are negative ones. The edge kernel answers
# only where brightness changes. The last two kernels differ in signs only; one of them stands on the slide on
# sharpening. Which of them sharpens? Task D4 tells.

# %%
KERNELS = {
    "0 0 0 / 0 1 0 / 0 0 0": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "0 1 0 / 1 -4 1 / 0 1 0": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "1 0 -1 / 1 0 -1 / 1 0 -1": [[1, 0, -1]] * 3,
    "1/9 (3x3)": [[1 / 9] * 3] * 3,
    "0 -1 0 / -1 5 -1 / 0 -1 0": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "0 1 0 / 1 5 1 / 0 1 0": [[0, 1, 0], [1, 5, 1], [0, 1, 0]],
}
digit = images[0].float()[None, None] / 255
maps = [conv2d(digit, torch.tensor(kernel, dtype=torch.float32)[None, None], padding=1) for kernel in KERNELS.values()]
titles = [f"{name}\n{float(out.min()):.1f} .. {float(out.max()):.1f}" for name, out in zip(KERNELS, maps, strict=True)]
show([out[0, 0] for out in maps], titles, columns=3, signed=True, limit=5.0)

# %% [markdown] lang="ru"
# Шкала у всех шести картинок одна: ±5. Третье ядро не симметрично: левый край штриха синий, правый красный. Переверни
# вы ядро, цвета поменялись бы местами; по симметричным ядрам этого не увидеть. Что делает размытие, видно вблизи:
# соседние числа становятся похожи, и разброс (дисперсия) падает.

# %% [markdown] lang="en"
# All six pictures have one scale, ±5. The third kernel is not symmetric: the left edge of a stroke is blue, the right
# one red. Had you flipped the kernel, the colours would change places; symmetric kernels do not show that. What a blur
# does is seen from near: neighbouring numbers become alike, and their spread (variance) falls.

# %%
crop = digit[0, 0, 8:18, 8:18]
blurred = maps[3][0, 0, 8:18, 8:18]
spread = [float(part.var()) for part in (crop, blurred)]
show([crop, blurred], [f"дисперсия {value:.3f} / variance {value:.3f}" for value in spread], limit=1.0)

# %% [markdown] lang="ru"
# Что стоит за краем? Дополнение нулями рисует вокруг картинки чёрную рамку, отражение продолжает её. После размытия
# рамка из нулей затемняет край. Шаг 2 оставляет каждую вторую строку и каждый второй столбец карты.

# %% [markdown] lang="en"
# What is beyond the border? Padding with zeros draws a black frame around the image, reflection continues it. After a
# blur the frame of zeros darkens the border. Stride 2 keeps every second row and every second column of the map.

# %%
face = F.avg_pool2d(photo.float().mean(0)[None, None] / 255, 8)
mean = torch.full((1, 1, 9, 9), 1 / 81)
zeros, mirrored = F.pad(face, (4, 4, 4, 4)), F.pad(face, (4, 4, 4, 4), mode="reflect")
darker, same = conv2d(zeros, mean), conv2d(mirrored, mean)
every_second = conv2d(mirrored, mean, stride=2)
edges = [float(part[0, 0, :, 0].mean()) for part in (darker, same)]
print("левый столбец / left column", *(f"{edge:.2f}" for edge in edges))
titles = ["рамка из нулей / frame of zeros", "отражение / reflection"]
titles += ["размыто / blurred"] * 2 + ["размыто, шаг 2 / blurred, stride 2"]
show([part[0, 0] for part in (zeros, mirrored, darker, same, every_second)], titles, limit=1.0)

# %% [markdown] lang="ru"
# ## F5. Свёртка в сто раз быстрее (бонус, {{points:F5}} баллов, около {{minutes:F5}} минут)
#
# В F1 скорость не оценивалась, здесь оценивается только она. Четыре цикла (по картинкам, фильтрам, строкам и столбцам)
# делают столько шагов Python, сколько чисел в ответе, и каждый шаг стоит микросекунды, хотя сами умножения занимают
# наносекунды. Те же умножения можно попросить у torch все сразу, немногими вызовами: тогда циклы идут не в Python.
#
# Напишите `conv2d_fast(x, weight)`: свёртка из F1 с шагом 1, без дополнения и без смещения, `x` формы `(N, C, H, W)`,
# `weight` формы `(O, C, p, q)`, ответ формы `(N, O, H - p + 1, W - q + 1)`. Если ваша `conv2d` уже
# быстрая, вызовите её.
#
# Время измеряем мы, снаружи: от вопроса до ответа, лучшее из нескольких измерений, и так для трёх случаев: большие
# картинки, больше картинок, больше фильтров. Его сравниваем с временем четырёх циклов на той же машине. Баллы растут
# с логарифмом: в 10 раз
# быстрее — 0, в 32 раза — половина, в 100 раз — все. Числа каждый раз новые, и каждый ответ проверяется; ошибки,
# которые оценивает F1 (переворот ядра, последние строка и столбец), здесь ничего не стоят.
#
# Под запретом то же, что в F1: {{forbidden:F5}}. Можно срезы, `Tensor.unfold` (метод тензора), `einsum`, умножение
# матриц, преобразование Фурье, numpy.
#
# **Проверяется:**
#
# {{properties:F5}}

# %% [markdown] lang="en"
# ## F5. Convolution a hundred times as fast (bonus, {{points:F5}} points, about {{minutes:F5}} minutes)
#
# In F1 speed did not count, here nothing else does. Four loops (over images, filters, rows and columns) take as many
# steps of Python as there are numbers in the answer, and each step costs microseconds, while the multiplications take
# nanoseconds. The same multiplications can be asked of torch all at once, in a few calls: then the loops do not
# run in Python.
#
# Write `conv2d_fast(x, weight)`: the convolution of F1 with stride 1, without padding and bias, `x` of shape
# `(N, C, H, W)`, `weight` of shape `(O, C, p, q)`, the answer of shape `(N, O, H - p + 1, W - q + 1)`. If your `conv2d`
# is fast already, call it.
#
# We take the time, from outside: from question to answer, the best of several measurements, and so for three cases:
# large images, more images, more filters. It is compared with the time of four loops on the same machine. Points rise
# with the logarithm:
# 10 times as fast earn 0, 32 times half, 100 times all. The numbers are new each time, and each answer is checked;
# mistakes that F1 marks (a flipped kernel, the last row and column) cost nothing here.
#
# Off limits is what was so in F1: {{forbidden:F5}}. You may use slices, `Tensor.unfold` (the tensor's method),
# `einsum`, products of matrices, the Fourier transform, numpy.
#
# **What is checked:**
#
# {{properties:F5}}

# %% task="F5"

# %%
from time import perf_counter


def milliseconds(function, *arguments):
    """Лучшее из пяти измерений / The best of five measurements."""
    seconds = []
    for _ in range(5):
        begin = perf_counter()
        function(*arguments)
        seconds.append(perf_counter() - begin)
    return 1000 * min(seconds)


x, weight = torch.rand(4, 3, 66, 66), torch.rand(8, 3, 3, 3)
for name, function in (("conv2d", conv2d), ("conv2d_fast", conv2d_fast), ("F.conv2d", F.conv2d)):
    best = milliseconds(function, x, weight)
    print(f"{name:12s} {best:8.2f} мс / {name:12s} {best:8.2f} ms")

# %% [markdown] lang="ru"
# ## D4. Что делает это ядро (бонус, {{points:D4}} баллов, около {{minutes:D4}} минут)
#
# По картинке цифры судить трудно: числа в ней большие и маленькие сразу. Покажем ядру две картинки, о которых всё
# известно. На первой все пиксели равны 1: в ответ получается **сумма весов**. На второй 1 и -1 чередуются, как клетки
# **шахматной доски**: это самый мелкий узор, какой бывает, и в ответ получается доска, умноженная на сумму весов со
# знаками доски. Так ядро измеряют в обработке сигналов: усиление на нулевой частоте и на самой высокой.
#
# Напишите `kernel_kind(kernel)` для ядра `(высота, ширина)` с нечётными сторонами. Ответ — одно из четырёх слов:
#
# * `"identity"`: только вес в середине не равен нулю, картинка остаётся собой с точностью до яркости;
# * `"edge"`: сумма весов равна нулю, постоянная картинка исчезает;
# * `"blur"`: доска слабеет по сравнению с картинкой из единиц, мелкие детали теряются;
# * `"sharpen"`: доска усиливается по сравнению с картинкой из единиц.
#
# Сравнивайте модули ответов. Умножение ядра на число, в том числе отрицательное, ничего не меняет. Нулём считается то,
# что меньше одной миллионной от суммы модулей весов. Ядро с чётной стороной и ядро из нулей — это `ValueError`.
#
# **Проверяется:**
#
# {{properties:D4}}

# %% [markdown] lang="en"
# ## D4. What does this kernel do (bonus, {{points:D4}} points, about {{minutes:D4}} minutes)
#
# A digit is hard to judge by: its numbers are large and small at once. Let us show the kernel two images about which
# all is known. All pixels of the first are 1: the answer is the **sum of the weights**. In the second 1 and -1
# alternate like the fields of a **chessboard**: this is the finest pattern there is, and the answer is the board times
# the sum of the weights with the signs of the board. Signal processing measures a kernel like that: gain at frequency
# zero, and at the highest one.
#
# Write `kernel_kind(kernel)` for a kernel `(height, width)` with odd sides. It answers with one of four words:
#
# * `"identity"`: only the weight in the middle is not zero, the image stays what it is but for its brightness;
# * `"edge"`: the weights add up to zero, an image that is the same everywhere disappears;
# * `"blur"`: the board is weakened beside the image of ones, fine detail is lost;
# * `"sharpen"`: the board is strengthened beside the image of ones.
#
# Compare absolute values of the answers. A factor, negative ones included, changes nothing. What is below a millionth
# of the sum of absolute weights counts as zero. A kernel with an even side, and a kernel of zeros, is a `ValueError`.
#
# **What is checked:**
#
# {{properties:D4}}

# %% task="D4"

# %% [markdown] lang="ru"
# **Опечатка на слайде.** Ядро «Увеличение резкости» напечатано как `0 1 0 / 1 5 1 / 0 1 0`. Сумма его весов 9, а доску
# оно оставляет прежней: это не резкость, а размытие, да ещё в девять раз ярче. Минусы потерялись: резкость увеличивает
# `0 -1 0 / -1 5 -1 / 0 -1 0`. Сумма его весов 1, яркость сохраняется, доска становится в девять раз сильнее.

# %% [markdown] lang="en"
# **A slip on the slide.** The kernel for sharpening is printed as `0 1 0 / 1 5 1 / 0 1 0`. Its weights add up to 9, and
# the board stays as it is: that does not sharpen, it blurs, and nine times as bright. The minus signs were lost: what
# sharpens is `0 -1 0 / -1 5 -1 / 0 -1 0`. Its weights add up to 1, brightness stays, and the board gets nine times
# stronger.

# %%
for name, weights in KERNELS.items():
    print(f"{name:30s}", kernel_kind(torch.tensor(weights, dtype=torch.float32)))

# %% [markdown] lang="ru"
# ## D5. Проверка: сдвигается ли ответ вместе с картинкой ({{points:D5}} баллов, около {{minutes:D5}} минут)
#
# Картинка со слайда, ядро `1 0 / 0 1`: сдвинули картинку, и вместе с ней сдвинулся ответ.
#
# $$\begin{pmatrix}0&0&0&0\\0&0&0&0\\0&0&1&0\\0&0&0&1\end{pmatrix} \to \begin{pmatrix}0&0&0\\0&1&0\\0&0&2\end{pmatrix},
# \qquad \begin{pmatrix}1&0&0&0\\0&1&0&0\\0&0&0&0\\0&0&0&0\end{pmatrix} \to
# \begin{pmatrix}2&0&0\\0&1&0\\0&0&0\end{pmatrix}.$$
#
# **Неточность на слайде.** Он называет это инвариантностью. Инвариантный ответ остался бы на месте; этот меняется, и
# меняется вместе со входом. Точное слово — **эквивариантность**: $f(S x) = S' f(x)$, где $S$ сдвигает картинку, а $S'$
# карту.
#
# Теперь проверку напишете вы, а мы дадим ей функции, о которых ответ известен. `check_equivariant(f, x, shift,
# stride=1, margin=0)` отвечает `True` или `False`:
#
# * `f` — любая функция из картинок `(N, C, H, W)` в карты `(N, C', H', W')`; вызывать её можно сколько угодно раз,
#   больше о ней ничего не известно. Свою `conv2d` для проверки писать не нужно;
# * `shift` — на сколько пикселей сдвинуть картинки, `(вниз, вправо)`; отрицательные числа — вверх и влево;
# * `stride` — сколько пикселей картинки в одном шаге карты: карта должна сдвинуться на `shift / stride`. Если это не
#   целое число, она так сдвинуться не может, и ответ `False`;
# * `margin` — сколько мест карты у каждого края не сравнивать. У края видно дополнение нулями: вместе с картинкой оно
#   не сдвигается.
#
# Сравнивайте каждое место карты, если и оно само, и место, с которого оно пришло, лежат на карте и не в полосе
# `margin`. Чем заполнить пиксели, которые освободились при сдвиге, неважно: такие места их не видят. Числа, которые
# отличаются меньше чем на 0,0001, считаются равными. Если сравнить нечего, нужен `ValueError`.
#
# Наши функции — свёртки, полносвязные слои, повороты, суммы, растущие смещения, за некоторыми стоит ReLU. Для вашего
# кода все они выглядят одинаково: матрица и смещение. В каждой проверке функции, которые сдвигаются, стоят рядом с
# функциями, которые не сдвигаются, и балл даётся, только если верны все ответы: код, который отвечает всегда одно и то
# же, не получит ничего.
#
# **Проверяется:**
#
# {{properties:D5}}

# %% [markdown] lang="en"
# ## D5. A check: does the answer move along with the image ({{points:D5}} points, about {{minutes:D5}} minutes)
#
# The slide's image, kernel `1 0 / 0 1`: the image is moved, and the answer moves along.
#
# $$\begin{pmatrix}0&0&0&0\\0&0&0&0\\0&0&1&0\\0&0&0&1\end{pmatrix} \to \begin{pmatrix}0&0&0\\0&1&0\\0&0&2\end{pmatrix},
# \qquad \begin{pmatrix}1&0&0&0\\0&1&0&0\\0&0&0&0\\0&0&0&0\end{pmatrix} \to
# \begin{pmatrix}2&0&0\\0&1&0\\0&0&0\end{pmatrix}.$$
#
# **A slip on the slide.** It calls this invariance. An invariant answer would stay where it is; this one changes,
# together with the input. The exact word is **equivariance**: $f(S x) = S' f(x)$, where $S$ moves the image and $S'$
# the map.
#
# Now you write the check, and we put functions before it about which the answer is known. `check_equivariant(f, x,
# shift, stride=1, margin=0)` says `True` or `False`:
#
# * `f` is any function from images `(N, C, H, W)` to maps `(N, C', H', W')`; it may be called as often as you like, and
#   nothing else is known about it. Your own `conv2d` is not needed for this;
# * `shift` says by how many pixels the images move, `(down, right)`; negative numbers are up and to the left;
# * `stride` says how many pixels of the image one step on the map is: the map has to move by `shift / stride`. Where
#   that is no whole number, it cannot, and the answer is `False`;
# * `margin` says how many places at each border of the map are not compared. The zeros of a padding are seen there, and
#   they do not move along with the image.
#
# Compare each place of the map that lies on the map and outside of the `margin`, if the place that it came from does,
# too. What you fill the pixels with that a shift leaves free does not matter: such places do not see them. Numbers less
# than 0.0001 apart count as equal. Where nothing is left to compare, a `ValueError` is needed.
#
# Our functions are convolutions, dense layers, turns, sums, growing offsets, some with a ReLU behind them. To your
# code they all look the same: a matrix and an offset. Each test holds functions that move along beside functions that
# do not, and gives its points only if all answers are right: a check that always says the same gets nothing.
#
# **What is checked:**
#
# {{properties:D5}}

# %% task="D5"

# %% [markdown] lang="ru"
# Проверим вашей проверкой то, о чём говорит лекция: свёртка без дополнения и с ним, с шагом 2, полносвязный слой.

# %% [markdown] lang="en"
# Your check on what the lecture speaks of: a convolution without padding and with it, with stride 2, a dense layer.

# %%
plain, padded, strided = nn.Conv2d(1, 4, 3), nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(1, 4, 3, stride=2)
dense = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 26 * 26), nn.Unflatten(1, (1, 26, 26)))
picture = torch.rand(1, 1, 28, 28)
with torch.no_grad():
    print("nn.Conv2d(1, 4, 3)", check_equivariant(plain, picture, (2, -3)))
    for margin in (0, 1):
        print(f"padding=1, margin={margin}", check_equivariant(padded, picture, (2, -3), margin=margin))
    for shift in ((2, 0), (1, 0)):
        print(f"stride=2, shift={shift}", check_equivariant(strided, picture, shift, stride=2))
    print("nn.Linear", check_equivariant(dense, picture, (2, -3)))

# %% [markdown] lang="ru"
# ## G1. Пулинг: максимум и среднее ({{points:G1}} баллов, около {{minutes:G1}} минут)
#
# После свёртки нам важно, *есть* ли признак в этой части картинки, а не в каком именно пикселе. **Пулинг**
# (субдискретизация) заменяет каждое окно одним числом, наибольшим или средним. Карта становится меньше, следующим слоям
# меньше работы, а сдвиг на пиксель почти ничего не меняет. За это платят точностью: где именно внутри окна был отклик,
# больше не узнать. Параметров у пулинга нет.
#
# Напишите `pool2d(x, kernel_size, stride=None, padding=0, mode="max")` для `mode="max"` и `mode="mean"`. Каждый канал
# обрабатывается отдельно; шаг, если он не задан, равен размеру окна. Дополнение и `mode="min"` в этом задании не
# проверяются. Готовый пулинг под запретом внутри `pool2d`, в любой записи: {{forbidden:G1}}.
#
# **Проверяется:**
#
# {{properties:G1}}

# %% [markdown] lang="en"
# ## G1. Pooling: maximum and mean ({{points:G1}} points, about {{minutes:G1}} minutes)
#
# After a convolution we care whether a feature *is* in this part of the image, not in which pixel exactly. **Pooling**
# (subsampling) replaces each window by one number, the largest or the mean. The map gets smaller, the next layers have
# less to do, and a shift by one pixel changes almost nothing. The price is the exact place: where inside of the window
# the response was, nobody can tell any more. Pooling has no parameters.
#
# Write `pool2d(x, kernel_size, stride=None, padding=0, mode="max")` for `mode="max"` and `mode="mean"`. Each channel is
# treated by itself; unless given, the stride is the size of the window. Padding and `mode="min"` are not checked in
# this task. Ready-made pooling is off limits inside `pool2d`, however it is written: {{forbidden:G1}}.
#
# **What is checked:**
#
# {{properties:G1}}

# %% task="G1"

# %%
smaller = [digit, pool2d(digit, 2), pool2d(digit, 2, mode="mean"), pool2d(digit, 4), pool2d(digit, 4, mode="mean")]
names = ("максимум / maximum", "среднее / mean")
titles = ["28x28", *(f"{name} {size}x{size}" for size in (2, 4) for name in names)]
show([picture[0, 0] for picture in smaller], titles)

# %% [markdown] lang="ru"
# И ещё одно: после пулинга та же свёртка видит больше. **Поле зрения** числа — это пиксели исходной картинки, от
# которых оно зависит.

# %% [markdown] lang="en"
# And one thing more: after pooling the same convolution sees more. The **receptive field** of a number are the pixels
# of the image that it depends on.

# %%
without = nn.Sequential(nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5))
pooled = nn.Sequential(nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5))
fields = [receptive_field.locate(part, str(len(part) - 1), (1, 28, 28)).field_px[0] for part in (without, pooled)]
print("поле зрения второй свёртки: без пулинга {0}x{0}, с пулингом {1}x{1} / "
      "receptive field of the second convolution: without pooling {0}x{0}, with pooling {1}x{1}".format(*fields))

# %% [markdown] lang="ru"
# ## G2. Минимум и рамка (бонус, {{points:G2}} балла, около {{minutes:G2}} минут)
#
# Чего не было в G1: минимум и дополнение. Дополнение — это рамка вокруг картинки, и вопрос в том, что в ней стоит. Для
# свёртки в ней нули. Но ноль больше всех отрицательных чисел и меньше всех положительных: рамка из нулей выигрывала бы
# у пикселей и портила максимум и минимум. В их рамке должно стоять то, что всегда проигрывает.
#
# Напишите `padded_pool2d(x, kernel_size, stride=None, padding=0, mode="max")` для `"max"`, `"min"` и `"mean"`. Высота
# ответа — `floor((H + 2·padding - kernel) / stride) + 1`, ширина так же; дополнение не больше половины окна, поэтому
# в каждом окне есть хотя бы один пиксель. Среднее делайте как `nn.AvgPool2d` по умолчанию: рамка из нулей считается,
# сумма делится на число всех клеток окна. Число вместо пары (по вертикали, по горизонтали) годится всюду.
#
# Готовый пулинг под запретом, в любой записи: {{forbidden:G2}}. Можно `F.pad` и вашу `pool2d` из G1.
#
# **Проверяется:**
#
# {{properties:G2}}

# %% [markdown] lang="en"
# ## G2. The minimum and a frame (bonus, {{points:G2}} points, about {{minutes:G2}} minutes)
#
# What G1 left out: the minimum, and padding. Padding is a frame around the image, and the question is what stands in
# it. For a convolution these are zeros. But zero is more than all negative numbers and less than all positive ones: a
# frame of zeros would win against pixels and spoil maximum and minimum. Their frame should hold what always loses.
#
# Write `padded_pool2d(x, kernel_size, stride=None, padding=0, mode="max")` for `"max"`, `"min"` and `"mean"`. The
# height of the answer is `floor((H + 2·padding - kernel) / stride) + 1`, its width likewise; padding is at most half of
# the window, so each window holds at least one pixel. Take the mean as `nn.AvgPool2d` does by default: the frame counts
# as zeros, the sum is divided by all cells of the window. A number may stand for a pair (vertical, horizontal)
# everywhere.
#
# Ready-made pooling is off limits, however it is written: {{forbidden:G2}}. You may use `F.pad` and your `pool2d` of
# G1.
#
# **What is checked:**
#
# {{properties:G2}}

# %% task="G2"

# %%
framed = [padded_pool2d(digit, 3, stride=1, padding=1, mode=mode)[0, 0] for mode in ("max", "mean", "min")]
names = ["максимум: штрих толще / maximum: thicker", "среднее / mean", "минимум: штрих тоньше / minimum: thinner"]
show([digit[0, 0], *framed], ["28x28", *names], columns=2)

# %% [markdown] lang="ru"
# ## I1. Свёрточная сеть ({{points:I1}} баллов, около {{minutes:I1}} минут)
#
# Теперь соберём сеть семинара. Дальше берите готовые слои: `nn.Conv2d`, `nn.ReLU`, `nn.MaxPool2d`, `nn.Flatten`,
# `nn.Linear`. Вариант `dls` на картинке 1×28×28:
#
# | слой | что выходит | параметры |
# |---|---|---|
# | свёртка 5×5, ReLU | 6×24×24 | 156 |
# | максимум 2×2 | 6×12×12 | – |
# | свёртка 5×5, ReLU | 16×8×8 | 2 416 |
# | максимум 2×2 | 16×4×4 | – |
# | полносвязный, ReLU | 120 | 30 840 |
# | полносвязный, ReLU | 84 | 10 164 |
# | полносвязный | 10 | 850 |
#
# Вместе 44 426. Вариант `hse` проще: 10 и 20 фильтров, затем один скрытый полносвязный слой из 128 нейронов, всего
# 47 658. В его первой свёртке 25·10 + 10 = 260 параметров: это число с лекции, полносвязный слой из 25 входов и 10
# выходов, который едет по картинке.
#
# Напишите класс `SeminarCNN(in_channels=1, image_size=28, num_classes=10, preset="dls")`. Имена слоёв выбирайте сами.
# Свёртки без дополнения, с шагом 1; карты признаков вытягиваются в вектор в обычном порядке (канал, строка,
# столбец), как это делает `nn.Flatten`. После последнего слоя нет ни ReLU, ни softmax: сеть возвращает **логиты**.
# Длину вектора вычислите, а не впишите числом `4 * 4 * 16`: на другой картинке она будет другой. Ленивые слои
# (`nn.LazyLinear` и другие) не подходят: у них нет весов до первого вызова, а они нужны сразу.
#
# **Проверяется:**
#
# {{properties:I1}}

# %% [markdown] lang="en"
# ## I1. The convolutional network ({{points:I1}} points, about {{minutes:I1}} minutes)
#
# Now we build the network of the seminar. From here on take ready-made layers: `nn.Conv2d`, `nn.ReLU`, `nn.MaxPool2d`,
# `nn.Flatten`, `nn.Linear`. The preset `dls` on a 1×28×28 image:
#
# | layer | output | parameters |
# |---|---|---|
# | convolution 5×5, ReLU | 6×24×24 | 156 |
# | maximum 2×2 | 6×12×12 | – |
# | convolution 5×5, ReLU | 16×8×8 | 2,416 |
# | maximum 2×2 | 16×4×4 | – |
# | dense, ReLU | 120 | 30,840 |
# | dense, ReLU | 84 | 10,164 |
# | dense | 10 | 850 |
#
# Together 44,426. The preset `hse` is simpler: 10 and 20 filters, then one hidden dense layer of 128 units, 47,658 in
# all. Its first convolution holds 25·10 + 10 = 260 parameters: the number of the lecture, a dense layer of 25 inputs
# and 10 outputs that slides over the image.
#
# Write the class `SeminarCNN(in_channels=1, image_size=28, num_classes=10, preset="dls")`. Names of layers are yours to
# choose. The convolutions have stride 1 and no padding; feature maps are flattened in the usual order (channel, row,
# column), as `nn.Flatten` does. After the last layer there is neither ReLU nor softmax: the network returns **logits**.
# Compute the length of the vector instead of typing `4 * 4 * 16`: with images of another size it changes. Lazy layers
# (`nn.LazyLinear` and others) are not allowed: before the first call they have no weights, which are needed at once.
#
# **What is checked:**
#
# {{properties:I1}}

# %% task="I1"

# %%
net = SeminarCNN()
print(net)
print("параметров: / parameters:", sum(value.numel() for value in net.parameters()))

# %% [markdown] lang="ru"
# ## K2. Шаги обучения в LightningModule ({{points:K2}} баллов, около {{minutes:K2}} минут)
#
# Lightning отделяет *что* учить от *как* крутить цикл. Цикл по эпохам и батчам, перенос на видеокарту, `zero_grad`,
# `backward` и `step` берёт на себя `Trainer`. За вами четыре коротких метода:
#
# - `training_step` возвращает потери на батче, $-\frac1N\sum_n \log p_n$, где $p_n$ — вероятность, которую сеть дала
#   верному классу, и записывает их: `self.log("train_loss", loss)`. Функция `F.cross_entropy` принимает **логиты**:
#   softmax внутри неё.
# - `validation_step` и `test_step` ничего не возвращают, а записывают потери и точность: `val_loss`, `val_accuracy`
#   и `test_loss`, `test_accuracy`.
# - `configure_optimizers` возвращает Adam по всем параметрам со скоростью обучения `self.learning_rate`.
#
# Осторожно с усреднением. Последний батч эпохи обычно меньше других, и среднее из точностей батчей — это не точность на
# выборке. Метрики `self.val_accuracy` и `self.test_accuracy` уже созданы и считают верно: передайте им логиты и ответы,
# а потом запишите саму метрику. Такая же `self.train_accuracy` есть для обучения; её запись не проверяется. У потерь
# вес батча задаёт аргумент `batch_size` метода `self.log`.
#
# Полезная проверка: у необученной сети с десятью классами потери близки к $\ln 10 \approx 2{,}3$.
#
# **Проверяется** (на простой линейной модели, поэтому ваша I1 здесь ни при чём):
#
# {{properties:K2}}

# %% [markdown] lang="en"
# ## K2. The steps of a LightningModule ({{points:K2}} points, about {{minutes:K2}} minutes)
#
# Lightning separates *what* to train from *how* to run the loop. The loop over epochs and batches, the move to a GPU,
# `zero_grad`, `backward` and `step` are the `Trainer`'s. Four short methods are yours:
#
# - `training_step` returns the loss of a batch, $-\frac1N\sum_n \log p_n$, where $p_n$ is the probability that the
#   network gives to the true class, and logs it: `self.log("train_loss", loss)`. The function `F.cross_entropy` takes
#   **logits**: softmax is inside it.
# - `validation_step` and `test_step` return nothing; they log loss and accuracy: `val_loss`, `val_accuracy` and
#   `test_loss`, `test_accuracy`.
# - `configure_optimizers` returns Adam over all parameters with the learning rate `self.learning_rate`.
#
# Take care with averages. The last batch of an epoch is usually smaller, and the mean of the batches' accuracies is not
# the accuracy on the set. The metrics `self.val_accuracy` and `self.test_accuracy` are there already and count right:
# give them logits and labels, then log the metric itself. There is a `self.train_accuracy` for training too; it is not
# checked. For the loss, the argument `batch_size` of `self.log` sets the weight of a batch.
#
# A useful check: the loss of an untrained network with ten classes is close to $\ln 10 \approx 2.3$.
#
# **What is checked** (on a simple linear model, so your I1 does not matter here):
#
# {{properties:K2}}

# %% task="K2"

# %%
# ru: Функции библиотеки ищут сеть и модуль в этих местах; теперь они найдут ваши.
# en: Library functions look up the network and the module in these places; now they find yours.
seminar.SeminarCNN, classifier.Classifier = SeminarCNN, Classifier

with torch.no_grad():
    logits = Classifier(SeminarCNN())(images[:64, None].float() / 255)
    loss = F.cross_entropy(logits, labels[:64])
    print(f"ln 10 = {math.log(10):.3f}, потери = {loss:.3f} / ln 10 = {math.log(10):.3f}, loss = {loss:.3f}")

# %% [markdown] lang="ru"
# ## J1. Ошибка top-k ({{points:J1}} балла, около {{minutes:J1}} минут)
#
# В соревновании ImageNet тысяча классов, и «овчарка» вместо «волкодава» — не то же, что «самовар». Поэтому там считают
# **ошибку top-5**: долю картинок, у которых верного класса нет среди пяти самых вероятных. AlexNet в 2012 году
# победила с ошибкой 15,3 % при 26,2 % у второго места.
#
# Напишите `topk_error(logits, targets, ks=(1, 5))`. Ответ — словарь: число $k$ и ошибка от 0 до 1 (обычное число или
# тензор из одного элемента).
#
# **Проверяется:**
#
# {{properties:J1}}

# %% [markdown] lang="en"
# ## J1. Top-k error ({{points:J1}} points, about {{minutes:J1}} minutes)
#
# The ImageNet competition has a thousand classes, and "shepherd" for "wolfhound" is not the same as "samovar". So it
# counts **top-5 error**: the share of images whose true class is not among the five most probable. AlexNet won in 2012
# with an error of 15.3 % against 26.2 % of the second place.
#
# Write `topk_error(logits, targets, ks=(1, 5))`. The answer is a dictionary: the number $k$ and the error from 0 to 1
# (a plain number or a tensor with one element).
#
# **What is checked:**
#
# {{properties:J1}}

# %% task="J1"

# %% [markdown] lang="ru"
# **Два числа на слайдах.** В обучающей части ImageNet (ILSVRC-2012) 1 281 167 картинок, на слайде переставлены цифры. А
# 14 610 229 в Open Images — это не картинки, а рамки вокруг объектов; картинок с рамками там около 1,74 миллиона.

# %% [markdown] lang="en"
# **Two numbers on the slides.** The training part of ImageNet (ILSVRC-2012) has 1,281,167 images, the slide swaps
# digits. And 14,610,229 in Open Images are no images, but boxes around objects; about 1.74 million images have boxes.

# %% [markdown] lang="ru"
# ## K3. Обучение сети ({{points:K3}} баллов, около {{minutes:K3}} минут)
#
# Осталось обучить. Функция `train_seminar(datamodule, seed=0, accelerator="auto")` задаёт все случайные числа
# (`seed_everything(seed)`), создаёт `Classifier(SeminarCNN())`, обучает его `Trainer`-ом на `datamodule` и возвращает
# в режиме `eval`. Число эпох, скорость обучения и прочее решаете вы. Файлов функция не пишет: `logger=False`,
# `enable_checkpointing=False`.
#
# `DigitsDataModule` уже нормирует картинки (среднее 0,1307, отклонение 0,3081) и перемешивает обучающую часть. Размер
# батча меняется присваиванием `datamodule.batch_size = ...`. Ещё он умеет сдвигать обучающие картинки: если до обучения
# присвоить `datamodule.max_shift_px = 1`, каждая картинка в каждую эпоху сдвинется случайно, не больше чем на пиксель.
# Подумайте, чем это поможет, когда прочтёте, что мы измеряем.
#
# **Что мы измеряем.** Мы сами запускаем вашу `train_seminar` на наших обучающих цифрах, на одном ядре процессора и не
# дольше минуты за раз: не больше трёх раз, с seed 0, 1 и 2, до первого результата на все баллы. Точность — средняя по
# 2 000 скрытых цифр и девяти сдвигам $\{-1, 0, 1\}^2$; считается лучший запуск. **Баллы за точность растут линейно: 0
# при точности 0,85 и ниже, 9 при 0,964 и выше.**
# Верхняя граница — худший из двадцати запусков нашего решения минус три стандартных отклонения, нижняя — уровень
# линейного классификатора. Точки на рисунке — эти двадцать запусков, у каждого 9 баллов. Та же шкала,
# но с двумя баллами, действует для весов, которые вы сдадите: они могли видеть тестовые картинки, поэтому стоят
# немного.
#
# **Учит ли обучение.** Веса можно принести и готовыми, поэтому ещё раз мы обучаем вашим кодом сеть на десяти рисованных
# классах, которых до проверки нигде не было. Это тот же `DigitsDataModule` с тем же числом картинок, но в каждой его
# части не цифры, а новые знаки. Доля баллов растёт от 0 (столько угадывает линейный классификатор по пикселям) до 1
# (точность нашего решения на тех же знаках минус 0,1). На эту долю умножаются все баллы задания, кроме 0,5 за режим
# `eval`. Для полной доли хватает трёх эпох Adam с батчем 64, одной эпохи мало; если первому обучению не хватило до
# полной доли, мы обучаем ещё раз с другим seed, и считается лучшее из двух. Учите на том `datamodule`, который вам
# передали, и не загружайте цифры сами. Открытый тест делает то же с десятью другими знаками, поэтому проверка K3 длится
# столько же, сколько ваше обучение, и ещё несколько секунд.
#
# **Проверяется:**
#
# {{properties:K3}}

# %% [markdown] lang="en"
# ## K3. Training the network ({{points:K3}} points, about {{minutes:K3}} minutes)
#
# Training is what is left. The function `train_seminar(datamodule, seed=0, accelerator="auto")` fixes all random
# numbers (`seed_everything(seed)`), makes `Classifier(SeminarCNN())`, trains it with a `Trainer` on `datamodule` and
# returns it in `eval` mode. The number of epochs, the learning rate and the rest are up to you. The function writes
# no files: `logger=False`, `enable_checkpointing=False`.
#
# `DigitsDataModule` normalises the images (mean 0.1307, deviation 0.3081) and shuffles the training part. Set
# `datamodule.batch_size = ...` for another batch size. It can also move training images: set
# `datamodule.max_shift_px = 1` before training, and each image moves at random by at most one pixel, anew in each
# epoch. Think about how that helps when you read what we measure.
#
# **What we measure.** We run your `train_seminar` ourselves on our training digits, on one processor core and for a
# minute at most each time: three times at most, with seeds 0, 1 and 2, until one earns all points. Accuracy is the mean
# over 2,000 hidden digits and nine shifts $\{-1, 0, 1\}^2$; the best run counts. **Points for accuracy grow linearly: 0
# at an accuracy of 0.85 and below, 9 at 0.964 and above.** The upper bar is the worst of twenty runs of our solution
# minus three standard deviations, the lower one is the level of a linear classifier. The dots in the picture are these
# twenty runs, at 9 points each. The same scale, with two points, holds for the weights that you hand in: they may have
# seen the test images, so they count for little.
#
# **Does the training teach?** Weights can be brought along ready-made, so we train with your code once more, on ten
# drawn classes that have never been anywhere before. It is the same `DigitsDataModule` with as many images, but each of
# its parts holds new signs instead of digits. A share grows from 0 (what a linear classifier of pixels gets right) to 1
# (the accuracy of our solution on the same signs, less 0.1), and all points of the task but the 0.5 for `eval` mode are
# multiplied by it. Three epochs of Adam in batches of 64 are enough for the whole share, one epoch is not; where the
# first training falls short of it we train again with another seed, and the better one counts. Train on the
# `datamodule` that you are given, and do not load digits yourself. A public test does the same with ten other signs, so
# checking K3 takes as long as your training, and a few seconds more.
#
# **What is checked:**
#
# {{properties:K3}}

# %%
LOW, HIGH = 0.85, 0.964
DOTS = [
    0.9754, 0.9770, 0.9752, 0.9712, 0.9725,
    0.9752, 0.9718, 0.9746, 0.9759, 0.9711,
    0.9728, 0.9734, 0.9711, 0.9740, 0.9718,
    0.9747, 0.9743, 0.9746, 0.9704, 0.9766,
]
HEIGHTS = [9 + 0.3 * (i % 5) for i in range(20)]  # у всех 9, разнесены для глаз / all have 9, spread for the eye
plt.figure(figsize=(7, 2.2))
plt.plot([LOW - 0.01, LOW, HIGH, 1], [0, 0, 9, 9], color="gray")
plt.plot(DOTS, HEIGHTS, "o", markersize=4, alpha=0.6, label="20 наших, по 9 баллов / 20 of ours, 9 points each")
plt.yticks([0, 9])
plt.legend(loc="lower right")
plt.xlabel("точность, средняя по 9 сдвигам / accuracy, mean of 9 shifts")
plt.ylabel("баллы / points")
plt.tight_layout()
plt.show()

# %% [markdown] lang="ru"
# Как идёт обучение, видно по кривой. Здесь пять эпох Adam прямо на `Classifier(SeminarCNN())`; после каждой измерены
# потери и точность на проверочной части.

# %% [markdown] lang="en"
# How a training goes is seen on its curve. Here are five epochs of Adam on a plain `Classifier(SeminarCNN())`; after
# each one loss and accuracy are measured on the validation part.

# %%
seed_everything(0, verbose=False)
curve = []
quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
keep = LambdaCallback(on_validation_epoch_end=lambda trainer, _: curve.append(dict(trainer.callback_metrics)))
trainer = Trainer(max_epochs=5, callbacks=[keep], num_sanity_val_steps=0, **quiet)
trainer.fit(Classifier(SeminarCNN()), DigitsDataModule())
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6))
measures = {
    "val_loss": "потери на проверке / validation loss",
    "val_accuracy": "точность на проверке / validation accuracy",
}
for axis, (name, title) in zip(axes, measures.items(), strict=True):
    axis.plot(range(1, 6), [float(measured[name]) for measured in curve], marker="o")
    axis.set_title(title, fontsize=9)
    axis.set_xlabel("эпоха / epoch")
figure.tight_layout()
plt.show()

# %% task="K3"

# %% [markdown] lang="ru"
# Обучение занимает секунд десять. Веса сохраняются в `model.safetensors`: их и заберёт `hw-cnn submit`.

# %% [markdown] lang="en"
# Training takes about ten seconds. The weights are saved to `model.safetensors`, where `hw-cnn submit` finds them.

# %%
from safetensors.torch import save_file

module = train_seminar(DigitsDataModule(), seed=0)
save_file({name: value.cpu().contiguous() for name, value in module.model.state_dict().items()}, "model.safetensors")

# %% [markdown] lang="ru"
# Вот та же мера на тестовых цифрах, которые есть у вас: точность при каждом из девяти сдвигов, их среднее (звезда на
# рисунке) и примерные баллы; скрытые цифры другие, и число будет немного другим. Рядом — ошибка top-k и цифры, в
# которых сеть уверенно ошиблась: над каждой верный ответ, ответ сети и в скобках её уверенность. Кто из вас двоих прав?

# %% [markdown] lang="en"
# Here is the same measure on the test digits that you have: accuracy at each of the nine shifts, their mean (the star
# in the picture) and points, about; hidden digits are others, and so will be the number. Then top-k error, and digits
# where the network is sure and wrong: above each the true class, the network's answer, and how sure it is. Which of you
# two is right?

# %%
test_images, test_labels = load_digits("test")
module.cpu()


def logits_of(pictures):
    """Логиты для картинок uint8 (N, 28, 28) / Logits for uint8 images (N, 28, 28)."""
    with torch.no_grad():
        return module((pictures[:, None].float() / 255 - DigitsDataModule.mean) / DigitsDataModule.std)


framed = F.pad(test_images, (1, 1, 1, 1))
nine = []
for down in (-1, 0, 1):
    moved = [framed[:, 1 - down : 29 - down, 1 - right : 29 - right] for right in (-1, 0, 1)]
    nine += [float((logits_of(m).argmax(1) == test_labels).float().mean()) for m in moved]
    print("  ".join(f"{accuracy:.3f}" for accuracy in nine[-3:]))
own = sum(nine) / 9
points = 9 * min(1.0, max(0.0, (own - LOW) / (HIGH - LOW)))
print(f"среднее {own:.3f}: около {points:.1f} из 9 баллов / mean {own:.3f}: about {points:.1f} of 9 points")
plt.figure(figsize=(7, 2.2))
plt.plot([LOW - 0.01, LOW, HIGH, 1], [0, 0, 9, 9], color="gray")
plt.plot(DOTS, HEIGHTS, "o", markersize=4, alpha=0.6, label="20 наших, по 9 баллов / 20 of ours, 9 points each")
plt.plot([own], [points], "*", markersize=12, color="tab:red", label="ваша сеть / your network")
plt.yticks([0, 9])
plt.legend(loc="lower right")
plt.xlabel("точность, средняя по 9 сдвигам / accuracy, mean of 9 shifts")
plt.ylabel("баллы / points")
plt.tight_layout()
plt.show()

logits = logits_of(test_images)
errors = topk_error(logits, test_labels, ks=(1, 2, 3))
print("ошибка / error", *(f"top-{k}: {float(error):.3f}" for k, error in errors.items()))
confidence, guess = logits.softmax(1).max(1)
worst = torch.where(guess != test_labels, confidence, torch.zeros_like(confidence)).argsort(descending=True)[:8]
titles = [f"{int(test_labels[i])} -> {int(guess[i])} ({float(confidence[i]):.2f})" for i in worst]
show([test_images[i] for i in worst], titles)

# %% [markdown] lang="ru"
# ## X1. Свои цифры (бонус, {{points:X1}} балла, около {{minutes:X1}} минут)
#
# Сеть училась на чужих цифрах. Прочтёт ли она ваши? Нарисуйте десять цифр, по одной каждого класса, и напишите
# `own_digits()`: она возвращает тензор `(10, 28, 28)`, `uint8` или с плавающей точкой, и картинка номер `i` показывает
# цифру `i`. Рисовать можно чем угодно: мышью, пером и телефоном, числами в ячейке. Белым по чёрному или чёрным
# по белому, крупно или мелко, не посередине — всё равно: перед сравнением цифра выделяется, увеличивается и ставится
# в середину. Функция может читать файл, который лежит рядом с тетрадью (`numpy.load("digits.npy")`,
# `matplotlib.pyplot.imread`): небольшие файлы `hw-cnn submit` берёт с собой.
#
# Что смотрит проверка, видно и вам: `examine_digits(images, "ru")` из `hw_cnn.data` говорит о каждой картинке, что это.
#
# * «годится»: картинка засчитана;
# * «пусто»: на ней ничего нет; «повтор»: она уже была среди десяти;
# * «не цифра»: ни на какую цифру не похожа; «другая цифра»: больше всего похожа на три других класса;
# * «копия»: это цифра из библиотеки, может быть, сдвинутая, увеличенная или с другими цветами. Единицы у всех
#   одинаковы, их с чужими не сравнивают.
#
# Похожесть — это косинус угла между немного размытыми картинками, сравнение идёт с 8 000 цифр библиотеки: меньше 0,8 —
# «не цифра», больше 0,985 — «копия». Нужны не все десять: при пяти засчитанных баллов ещё нет, при шести половина,
# при семи все. Чужие рисунки проверка узнаёт не всегда, но цифры должны быть вашими.
#
# **Проверяется:**
#
# {{properties:X1}}

# %% [markdown] lang="en"
# ## X1. Digits of your own (bonus, {{points:X1}} points, about {{minutes:X1}} minutes)
#
# The network has learnt from the digits of others. Does it read yours? Draw ten digits, one of each class, and write
# `own_digits()`: it returns a tensor `(10, 28, 28)`, `uint8` or floating, and image number `i` shows the digit `i`.
# Draw with whatever you like: a mouse, a pen and a phone, numbers in a cell. White on black or black on white, large or
# small, off the middle: no matter, for before they are compared, digits are cut out, enlarged and centred. The function
# may read a file that lies beside the notebook (`numpy.load("digits.npy")`, `matplotlib.pyplot.imread`):
# `hw-cnn submit` takes small files along.
#
# You can see what the check looks at: `examine_digits(images)` of `hw_cnn.data` says a word of each image.
#
# * `fine`: the image counts;
# * `empty`: nothing is on it; `repeated`: it was among the ten before;
# * `unlike`: it is not like any digit; `other`: its digit is not among the three classes that it is most like;
# * `copy`: it is a digit of the library, maybe moved, enlarged or in other colours. Ones are all alike, they are not
#   compared with those of others.
#
# Likeness is the cosine of the angle between slightly blurred images, and the 8,000 digits of the library are what they
# are compared with: below 0.8 is `unlike`, above 0.985 `copy`. Not all ten are needed: five that count earn no points
# yet, six half of them, seven all. The check does not always know the drawing of somebody else, but the digits should
# be yours.
#
# **What is checked:**
#
# {{properties:X1}}

# %% task="X1"

# %%
from hw_cnn.data import examine_digits

drawn = own_digits()
words = examine_digits(drawn, LANG)
ink = (drawn.float() - drawn.float().flatten(1).median(1).values[:, None, None]).abs()
ink = ink / ink.amax((1, 2), keepdim=True).clamp_min(1e-9)
chances, answers = logits_of(255 * ink).softmax(1).max(1)
titles = [
    f"{word}\nсеть: {int(answer)} ({float(chance):.2f}) / {word}\nnetwork: {int(answer)} ({float(chance):.2f})"
    for word, answer, chance in zip(words, answers, chances, strict=True)
]
show(list(ink), titles, columns=5)

# %% [markdown] lang="ru"
# ## X2. Ошибка на своей цифре (бонус, {{points:X2}} балл, около {{minutes:X2}} минут)
#
# Объясните одну ошибку вашей сети на ваших цифрах. Если ошибок нет, вызовите её: сдвиньте цифру, сотрите три пикселя на
# три или дорисуйте их, `logits_of(255 * ink)` ответит на любые десять картинок. Это задание читает человек.
#
# {{properties:X2}}

# %% [markdown] lang="en"
# ## X2. A mistake on a digit of your own (bonus, {{points:X2}} point, about {{minutes:X2}} minutes)
#
# Explain a mistake of your network on digits of your own. If there is none, bring one about: move a digit, wipe out
# three by three pixels or add some; `logits_of(255 * ink)` answers to any ten images. A person reads this task.
#
# {{properties:X2}}

# %% task="X2" row="error"

# %% [markdown] lang="ru"
# ### Почему не полносвязная сеть
#
# Обучим рядом полносвязную сеть, пять эпох и без сдвигов, и сдвинем тестовые цифры вниз и вправо на 1, 2 и 3 пикселя.
# У неё параметров больше, но каждый привязан к своему пикселю.

# %% [markdown] lang="en"
# ### Why not a dense network
#
# Let us train a dense network beside it, for five epochs and without shifts, and move the test digits down and to
# the right by 1, 2 and 3 pixels. It has more parameters, but each is tied to a pixel of its own.

# %%
dense = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
optimizer = torch.optim.Adam(dense.parameters(), lr=1e-3)
scaled = (images[:, None].float() / 255 - DigitsDataModule.mean) / DigitsDataModule.std
for _ in range(5):
    for batch in torch.randperm(len(scaled)).split(64):
        optimizer.zero_grad()
        F.cross_entropy(dense(scaled[batch]), labels[batch].long()).backward()
        optimizer.step()
tested = (test_images[:, None].float() / 255 - DigitsDataModule.mean) / DigitsDataModule.std
background = -DigitsDataModule.mean / DigitsDataModule.std
moved = [F.pad(tested, (shift, 0, shift, 0), value=background)[..., :28, :28] for shift in range(4)]
curves = {"ваша сеть / your network": [], "полносвязная / dense": []}
with torch.no_grad():
    for accuracies, model in zip(curves.values(), (module, dense), strict=True):
        accuracies += [float((model(pictures).argmax(1) == test_labels).float().mean()) for pictures in moved]
ahead = [one - other for one, other in zip(*curves.values(), strict=True)]
print("впереди на / ahead by:", ", ".join(f"{part:+.3f}" for part in ahead))
draw_shift_curve(curves, 10, LANG)

# %% [markdown] lang="ru"
# ### Что внутри
#
# Баллов здесь нет, но посмотреть стоит: фильтры первого слоя, одна цифра слой за слоем и карта последнего скрытого
# слоя, где каждая точка — тестовая цифра.

# %% [markdown] lang="en"
# ### What is inside
#
# No points here, but worth a look: the filters of the first layer, one digit layer by layer, and a map of the last
# hidden layer, where each point is a test digit.

# %%
convolutions = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]
dense_layers = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
outputs, hidden = {}, []
hooks = [
    layer.register_forward_hook(lambda _, __, out, n=number: outputs.update({f"conv {n}": out[0]}))
    for number, layer in enumerate(convolutions, 1)
]
hooks.append(dense_layers[-1].register_forward_pre_hook(lambda _, given: hidden.append(given[0])))
logits_of(test_images[:1])
pictured = dict(outputs)
hidden.clear()
logits_of(test_images)
for hook in hooks:
    hook.remove()
draw_filters(convolutions[0].weight, "conv 1", LANG)

# %%
draw_outputs(test_images[:1].float() / 255, pictured, LANG)

# %%
plane = embedding_map.pca(hidden[0])
names = [str(name) for name in range(10)]
draw_embedding(plane.coordinates, test_labels.long(), names, plane.explained_ratio.tolist(), LANG)

# %% [markdown] lang="ru"
# **Перенос.** Сеть, которая видела только цифры от 0 до 4, помогает узнавать цифры от 5 до 9 по пятидесяти примерам:
# берём её последний скрытый слой и подбираем к нему линейный классификатор. Рядом тот же классификатор по пикселям.
# Ячейка обучает ещё раз и длится столько же, сколько ваше обучение.

# %% [markdown] lang="en"
# **Transfer.** A network that has seen the digits 0 to 4 only helps to tell the digits 5 to 9 apart by fifty examples:
# take its last hidden layer and find a linear classifier for it. Beside it the same classifier of pixels.
# The cell trains once more, and takes as long as your training.

# %%
few = DigitsDataModule()
for part, (pictures, names) in list(few.splits.items()):
    few.splits[part] = (pictures[names < 5], names[names < 5])
low_digits = train_seminar(few, seed=0).cpu()
last = [layer for layer in low_digits.modules() if isinstance(layer, nn.Linear)][-1]


def features(pictures):
    """Последний скрытый слой для картинок (N, 1, 28, 28) / The last hidden layer for images (N, 1, 28, 28)."""
    kept = []
    hook = last.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    with torch.no_grad():
        low_digits(pictures)
    hook.remove()
    return kept[0]


def probe(known, known_labels, asked, asked_labels):
    """Точность линейного классификатора / Accuracy of a linear classifier."""
    ones = [torch.cat([part, torch.ones(len(part), 1)], dim=1) for part in (known, asked)]
    targets = F.one_hot(known_labels - 5, 5).float()
    gram = ones[0].T @ ones[0] + torch.eye(ones[0].shape[1])
    weights = torch.linalg.solve(gram, ones[0].T @ targets)
    return float(((ones[1] @ weights).argmax(1) + 5 == asked_labels).float().mean())


high = [(scaled[labels >= 5][:50], labels[labels >= 5][:50].long())]
high.append((tested[test_labels >= 5], test_labels[test_labels >= 5].long()))
for name, look in (("скрытый слой / hidden layer", features), ("пиксели / pixels", lambda x: x.flatten(1))):
    (known, known_labels), (asked, asked_labels) = high
    print(f"{name}: {probe(look(known), known_labels, look(asked), asked_labels):.3f}")

# %% [markdown] lang="ru"
# ## W. Объясните словами ({{points:W}} баллов, около {{minutes:W}} минут)
#
# Три вопроса о том, что вы построили. Ответы читает человек, тестов и подсказок здесь нет. Пишите в ячейках «*Напишите
# здесь*» вместо этих слов, по нескольку предложений на вопрос, и сохраните тетрадь. Читается только текст: вместо
# картинок пишите номера («фильтр 2, цифра 17») и числа. Оценивается не слог, а то, можно ли по вашим словам проверить,
# что вы правы.
#
# Для всех баллов нужно:
#
# {{properties:W}}
#
# Ячейка ниже рисует фильтр первого слоя вашей сети с его картой и показывает цифры теста, в которых сеть ошиблась.
# Над цифрой стоят её номер, верный ответ, ответ сети и в скобках её уверенность. `show_filter(2, 17)` берёт фильтр 2 и
# цифру теста 17, `show_answer(картинка)` печатает вероятности классов. Сеть видит картинку нормированной: фон равен
# -0,42, чернила — до 2,8.

# %% [markdown] lang="en"
# ## W. Explain in words ({{points:W}} points, about {{minutes:W}} minutes)
#
# Three questions about what you have built. A person reads the answers; there are no tests and no hints. Write into the
# cells "*Write here*" in place of these words, a few sentences for each question, and save the notebook. Only the text
# is read: instead of pictures write numbers ("filter 2, digit 17") and values. What counts is not your style but
# whether one can see from your words that you are right.
#
# Full points need:
#
# {{properties:W}}
#
# The cell below draws a filter of the first layer of your network with its map, and shows the digits of the test part
# that the network gets wrong. Above a digit are its number, the true class, the network's answer, and how sure it is.
# `show_filter(2, 17)` takes filter 2 and digit 17 of the test part, `show_answer(picture)` prints the probabilities of
# the classes. The network sees the picture normalised: the background is -0.42, ink is up to 2.8.

# %%
test_images, test_labels = load_digits("test")


def as_seen(pictures):
    """Картинки uint8 (N, 28, 28), какими их видит сеть / Images uint8 (N, 28, 28) as the network sees them."""
    return (pictures[:, None].float() / 255 - DigitsDataModule.mean) / DigitsDataModule.std


def show_filter(number, index):
    """ru: Фильтр первого слоя, цифра теста и карта до ReLU: красное больше нуля, синее меньше.
    en: A filter of the first layer, a digit of the test part, and the map before ReLU: red above zero, blue below.
    """
    first = next(layer for layer in module.modules() if isinstance(layer, nn.Conv2d))
    with torch.no_grad():
        feature_map = first(as_seen(test_images[index][None]))[0, number]
    pictures = [first.weight[number, 0].detach(), test_images[index], feature_map]
    named = [f"фильтр {number} / filter {number}", f"цифра {index} / digit {index}", "карта / map"]
    ends = [f"{float(picture.min()):.2f} .. {float(picture.max()):.2f}" for picture in pictures]
    show(pictures, [f"{name}\n{end}" for name, end in zip(named, ends, strict=True)], signed=True)


def show_answer(picture):
    """Вероятности классов для картинки uint8 (28, 28) / Probabilities of the classes for an image uint8 (28, 28)."""
    with torch.no_grad():
        probabilities = module(as_seen(picture[None])).softmax(1)[0]
    print("  ".join(f"{digit}: {float(p):.2f}" for digit, p in enumerate(probabilities)))


module.cpu()
with torch.no_grad():
    sure, said = module(as_seen(test_images)).softmax(1).max(1)
missed = (said != test_labels).nonzero()[:, 0].tolist()
titles = [f"{i}: {int(test_labels[i])} -> {int(said[i])} ({float(sure[i]):.2f})" for i in missed]
show_filter(0, 0)
show([test_images[i] for i in missed[:24]], titles[:24], columns=8)
for i in missed[:1]:
    show_answer(test_images[i])
    covered = test_images[i].clone()
    covered[10:14, 10:18] = 0  # закрыт участок 4×8 пикселей / a patch of 4×8 pixels is covered
    show_answer(covered)

# %% [markdown] lang="ru"
# **W, filter.** Фильтр и его карта: выберите тот, о котором можете рассказать.

# %% [markdown] lang="en"
# **W, filter.** A filter and its map: choose one that you can tell something about.

# %% task="W" row="filter"

# %% [markdown] lang="ru"
# **W, mistake.** Ошибка и её причина. Опыт может быть простым: закройте или дорисуйте несколько пикселей, сдвиньте
# картинку, сравните `show_answer` до и после.

# %% [markdown] lang="en"
# **W, mistake.** A mistake and its cause. An experiment may be simple: cover or add a few pixels, move the picture,
# compare `show_answer` before and after.

# %% task="W" row="mistake"

# %% [markdown] lang="ru"
# **W, input.** Эту свёртку написали для серых цифр, и на них она отвечает верно. Но в ней ошибка. Найдите вход, который
# её показывает; чем он меньше, тем лучше.

# %% [markdown] lang="en"
# **W, input.** This convolution was written for grey digits, and on them it answers rightly. But there is a mistake in
# it. Find an input that shows it, the smaller the better.

# %%
def conv2d_suspect(x, weight, bias=None, stride=1, padding=0):
    """Должна отвечать как F.conv2d / It should answer as F.conv2d does."""
    grey, kernel = x.sum(1, keepdim=True), weight.mean(1, keepdim=True)
    return F.conv2d(grey, kernel, bias, stride, padding)


x, weight = test_images[:2, None].float(), torch.rand(3, 1, 5, 5)
print(torch.allclose(conv2d_suspect(x, weight), F.conv2d(x, weight), rtol=1e-4))

# %% task="W" row="input"

# %% [markdown] lang="ru"
# Всё готово? Запустите `hw-cnn check`, затем `hw-cnn submit`.

# %% [markdown] lang="en"
# All done? Run `hw-cnn check`, then `hw-cnn submit`.

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
# ## A1. Картинка как тензор ({{points:A1}} балла, около {{minutes:A1}} минут)
#
# Файл хранит картинку **пиксель за пикселем**: строка, столбец, а в каждом пикселе по байту на красный, зелёный и
# синий. Это тензор формы (H, W, 3) из целых чисел от 0 до 255. Свёрточной сети удобнее иначе: **канал за каналом**,
# тензор формы (3, H, W), и дробные числа от 0 до 1:
#
# $$y_{c,i,j} = x_{i,j,c} / 255.$$
#
# Напишите `to_chw(image)`. Картинка `image` — тензор из байтов (`torch.uint8`), а бывает она трёх видов:
#
# * (H, W) — серая; у результата один канал, форма (1, H, W);
# * (H, W, 3) — цветная; форма результата (3, H, W);
# * (H, W, 4) — цветная с **непрозрачностью** (альфа-каналом): четвёртый канал отбросьте.
#
# Результат — `float32`. Всё остальное (не байты, другое число осей или каналов) — это `ValueError`.
#
# Ловушка: `reshape` тоже даёт форму (3, H, W), но режет память подряд, и каналы смешиваются с местом. Готовые функции
# (`to_tensor` из torchvision) здесь разрешены, но непрозрачность они оставляют.
#
# **Проверяется:**
#
# {{properties:A1}}

# %% [markdown] lang="en"
# ## A1. An image as a tensor ({{points:A1}} points, about {{minutes:A1}} minutes)
#
# A file holds an image **pixel by pixel**: row, column, and in each pixel a byte for red, green and blue. That is a
# tensor of shape (H, W, 3) of whole numbers from 0 to 255. A convolutional network has it otherwise: **channel by
# channel**, of shape (3, H, W), with numbers from 0 to 1:
#
# $$y_{c,i,j} = x_{i,j,c} / 255.$$
#
# Write `to_chw(image)`. `image` is a tensor of bytes (`torch.uint8`), of one of three kinds:
#
# * (H, W): grey; the result has one channel, its shape is (1, H, W);
# * (H, W, 3): in colour; the shape of the result is (3, H, W);
# * (H, W, 4): in colour, and **how opaque** each pixel is (an alpha channel): leave the fourth channel out.
#
# The result is `float32`. All else (no bytes, another number of axes or channels) is a `ValueError`.
#
# A trap: `reshape` gives the shape (3, H, W), too, but it cuts memory in a row and mixes channels up with places. What
# is ready-made (torchvision's `to_tensor`) is allowed here, but it keeps the fourth channel.
#
# **What is checked:**
#
# {{properties:A1}}

# %% task="A1"

# %% [markdown] lang="ru"
# Вот фотография, её три канала и первый канал того, что даёт `reshape`. Лицо светлее всего в красном канале, фон — в
# синем. А `reshape` разложил каждую строку фотографии на три: левая, средняя и правая трети легли друг на друга, и
# цвета в них идут вперемешку.

# %% [markdown] lang="en"
# Here is a photograph, its three channels, and the first channel of what `reshape` gives. The face is brightest in the
# red channel, the background in the blue one. And `reshape` has laid out each row of the photograph as three: its left,
# middle and right thirds lie on top of one another, with colours in turn.

# %%
from matplotlib import cbook

photo = torch.tensor(np.array(plt.imread(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))))
channels = to_chw(photo)
cut = photo.reshape(3, *photo.shape[:2])[0] / 255
figure, axes = plt.subplots(1, 5, figsize=(12, 3.2))
names = ["(H, W, 3)", "[0]", "[1]", "[2]", "reshape"]
for axis, picture, name in zip(axes, [photo, *channels, cut], names, strict=True):
    axis.imshow(picture, cmap="gray", vmin=0, vmax=1)
    axis.set_title(name)
    axis.axis("off")
plt.show()
print(tuple(photo.shape), photo.dtype, "->", tuple(channels.shape), channels.dtype)

# %% [markdown] lang="ru"
# ## A2. Цвет и яркость ({{points:A2}} балла, около {{minutes:A2}} минут)
#
# Глаз видит зелёный ярче красного, а синий — темнее всех. Поэтому яркость — не среднее каналов, а сумма с весами,
# которые телевидение приняло ещё в прошлом веке (рекомендация BT.601):
#
# $$Y = 0.299\,R + 0.587\,G + 0.114\,B.$$
#
# Веса складываются ровно в единицу: серое остаётся серым той же яркости. Формула линейна, и это уже свёртка — с ядром
# 1 на 1.
#
# Напишите две функции. Каналы у картинок стоят на **третьей с конца** оси, а перед ней может быть сколько угодно осей:
# одна картинка (3, H, W), стопка (N, 3, H, W), фильм (N, T, 3, H, W).
#
# * `to_gray(images)`: (..., 3, H, W) → (..., 1, H, W), яркость. Ось канала остаётся, тип чисел сохраняется
#   (веса в тензоре `float32` испортили бы `float64`).
# * `bgr_to_rgb(images)`: (..., 3, H, W) → той же формы. Некоторые библиотеки (OpenCV) читают файлы в порядке «синий,
#   зелёный, красный», и сеть, обученная на красном первым, портит на таких картинках ответы, не сообщая об ошибке.
#   Верните новый тензор, в котором первый и последний канал поменялись местами; данную картинку не меняйте.
#
# Через обе функции проходит градиент. Готовое разрешено, но `Grayscale` из torchvision берёт 0.2989 вместо 0.299, и
# белое у неё уже не белое: здесь она не подойдёт.
#
# **Проверяется:**
#
# {{properties:A2}}

# %% [markdown] lang="en"
# ## A2. Colour and brightness ({{points:A2}} points, about {{minutes:A2}} minutes)
#
# To the eye green is brighter than red, and blue the darkest of all. So brightness is no mean of the channels but a sum
# with weights that television settled on in the last century (Recommendation BT.601):
#
# $$Y = 0.299\,R + 0.587\,G + 0.114\,B.$$
#
# The weights add up to exactly one: grey stays grey, as bright as it was. The formula is linear, and it is already a
# convolution, with a kernel of 1 by 1.
#
# Write two functions. The channels of images are the **third axis from the end**, and any number of axes may stand
# before it: one image (3, H, W), a batch (N, 3, H, W), a film (N, T, 3, H, W).
#
# * `to_gray(images)`: (..., 3, H, W) → (..., 1, H, W), the brightness. The channel's axis stays, the dtype is kept
#   (weights in a tensor of `float32` would spoil `float64`).
# * `bgr_to_rgb(images)`: (..., 3, H, W) → of the same shape. Some libraries (OpenCV) read files in the order blue,
#   green, red, and a network that was trained with red first answers worse on such images without any error. Give a new
#   tensor with the first and the last channel exchanged, and leave the given image alone.
#
# The gradient goes through both functions. Ready-made functions are allowed, but torchvision's `Grayscale` takes 0.2989
# in place of 0.299, and its white is no longer white: it will not do here.
#
# **What is checked:**
#
# {{properties:A2}}

# %% task="A2"

# %% [markdown] lang="ru"
# Семь цветов телевизионной таблицы. Сверху сами цвета, под ними то же, прочитанное синим вперёд; третья полоса —
# яркость, четвёртая — простое среднее. Жёлтый и голубой по среднему одинаковы, а на глаз и по формуле жёлтый светлее.

# %% [markdown] lang="en"
# Seven colours of a television test card. At the top the colours, below them the same read with blue first; the third
# stripe is the brightness, the fourth the plain mean. By the mean yellow and cyan are the same; to the eye and by the
# formula yellow is brighter.

# %%
bars = torch.tensor([[1.0, 1, 0, 0, 1, 1, 0], [1, 1, 1, 1, 0, 0, 0], [1, 0, 1, 0, 1, 0, 1]])[:, None, :]
grey = [to_gray(bars), bars.mean(dim=0, keepdim=True)]
stripes = torch.cat([bars, bgr_to_rgb(bars), *(stripe.expand(3, -1, -1) for stripe in grey)], dim=1)
figure, axis = plt.subplots(figsize=(7, 3.2))
axis.imshow(stripes.permute(1, 2, 0), aspect="auto")
axis.set_yticks(range(4), ["RGB", "BGR", "to_gray", "mean"])
axis.set_xticks([])
plt.show()
print([round(float(value), 3) for value in grey[0].flatten()])

# %% [markdown] lang="ru"
# ## A3. Среднее и отклонение по каналам ({{points:A3}} баллов, около {{minutes:A3}} минут)
#
# Перед обучением картинки **нормируют**: из каждого канала вычитают его среднее и делят на его стандартное отклонение,
# чтобы числа на входе сети были порядка единицы. Оба числа считают один раз, по **обучающей** части: проверочные и
# тестовые картинки нормируют ими же, потому что до экзамена сеть не должна видеть их ни в каком виде.
#
# У канала $c$ среди $n$ пикселей всех картинок вместе
#
# $$\mu_c = \frac1n \sum x, \qquad \sigma_c = \sqrt{\frac1n \sum (x - \mu_c)^2}.$$
#
# Напишите `channel_stats(batches)`. `batches` — загрузчик: его можно обойти циклом, и каждый раз он даёт пару «картинки
# (N, C, H, W), метки (N)». Верните пару тензоров формы (C) и типа `float32`: средние и отклонения. Если картинок нет,
# вызовите `ValueError`.
#
# ImageNet в память не поместится, поэтому батчи приходят по одному. Отсюда все ловушки:
#
# - **Последний батч короче.** Среднее средних — это среднее, только если батчи одинаковой длины.
# - **Батчи разные.** Отклонение внутри батчей не знает, что один батч темнее другого.
# - **n, а не n - 1.** Это разброс самих данных, а не оценка по выборке; у `torch.std` по умолчанию n - 1.
# - **Точность.** «Средний квадрат минус квадрат среднего» — верная формула, но в одинарной точности у больших близких
#   чисел разность состоит из одних ошибок округления. Считайте в двойной или в два прохода.
#
# Разрешены любые библиотеки, и собрать картинки вместе тоже можно: наши наборы маленькие.
#
# **Проверяется:**
#
# {{properties:A3}}

# %% [markdown] lang="en"
# ## A3. Mean and deviation of each channel ({{points:A3}} points, about {{minutes:A3}} minutes)
#
# Before training, images are **normalised**: each channel has its mean taken off and is divided by its standard
# deviation, so that the numbers that enter the network are about one. Both numbers are computed once, from the
# **training** part: validation and test images are normalised with the same, as the network must not see them in any
# form before the exam.
#
# For channel $c$, with $n$ pixels in all images together,
#
# $$\mu_c = \frac1n \sum x, \qquad \sigma_c = \sqrt{\frac1n \sum (x - \mu_c)^2}.$$
#
# Write `channel_stats(batches)`. `batches` is a loader: a loop can go through it, and each time it gives a pair of
# images (N, C, H, W) and labels (N). Give a pair of `float32` tensors of shape (C): means and deviations. Where there
# are no images, raise `ValueError`.
#
# ImageNet does not fit into memory, so batches come one by one. All traps come from that:
#
# - **The last batch is shorter.** A mean of means is the mean only if batches are equally long.
# - **Batches differ.** The deviation within batches does not know that one batch is darker than another.
# - **n, not n - 1.** This is how much the data themselves deviate, no estimate from a sample; `torch.std` takes n - 1
#   by default.
# - **Digits.** "Mean square less the square of the mean" is a right formula, but in single precision the difference of
#   large numbers close together is nothing but rounding. Compute in double precision, or in two passes.
#
# Any library is allowed, and so is putting all images together: our data sets are small.
#
# **What is checked:**
#
# {{properties:A3}}

# %% task="A3"

# %% [markdown] lang="ru"
# Знаменитые 0.1307 и 0.3081, которые все пишут в коде для MNIST, — это среднее и отклонение шестидесяти тысяч
# обучающих цифр; у наших шести тысяч они чуть другие. Ниже — яркость всех пикселей до нормировки и после неё: почти
# все они — фон (высота столбцов логарифмическая).

# %% [markdown] lang="en"
# The famous 0.1307 and 0.3081 that everybody writes into code for MNIST are the mean and the deviation of its sixty
# thousand training digits; those of our six thousand are slightly different. Below, how bright all pixels are before
# normalising and after it: nearly all of them are background (the height of bars is logarithmic).

# %%
from torch.utils.data import DataLoader, TensorDataset

digits, digit_labels = load_digits("train")
digits = digits[:, None].float() / 255
mean, std = channel_stats(DataLoader(TensorDataset(digits, digit_labels), batch_size=256))
print(f"mean {float(mean):.4f}, std {float(std):.4f}")
normalised = (digits - mean[:, None, None]) / std[:, None, None]
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6), sharey=True)
for axis, pixels, name in zip(axes, (digits, normalised), ("x", "(x - mean) / std"), strict=True):
    axis.hist(pixels.flatten().numpy(), bins=60, log=True)
    axis.axvline(float(pixels.mean()), color="black", linestyle="--")
    axis.set_title(f"{name}: {float(pixels.mean()):.2f} ± {float(pixels.std()):.2f}")
plt.show()

# %% [markdown] lang="ru"
# ## B2. Полносвязный слой — это свёртка ({{points:B2}} баллов, около {{minutes:B2}} минут)
#
# В лекции сеть для картинок 5 на 5 и десяти классов имеет 25·10 + 10 = 260 чисел. Столько же у свёртки
# `nn.Conv2d(1, 10, 5)`, и это не совпадение: **это один и тот же слой**. Нейрон умножает каждый пиксель на свой вес и
# складывает; фильтр с ядром 5 на 5 помещается на картинку 5 на 5 единственным способом и делает то же самое. Поэтому
# вывод о числе весов, сделанный в лекции, можно прочесть и так: полносвязный слой — свёртка с самым большим ядром.
#
# Напишите `dense_as_conv(dense, shape)`: из слоя `nn.Linear` с C·H·W входами и F выходами сделайте слой `nn.Conv2d`,
# который на картинки `(N, C, H, W)` отвечает тензором `(N, F, 1, 1)` с теми же числами, что
# `dense(images.flatten(1))`; `shape` — тройка `(C, H, W)`.
#
# * Числа в ряд выкладывает `flatten(1)`: сначала первый канал целиком, строка за строкой, потом второй.
# * Веса копируются: у свёртки они свои и обучаются дальше. Смещение есть, только если оно есть у слоя; тип чисел тот
#   же.
# * Если в картинке такой формы другое количество чисел, чем входов у слоя, — это `ValueError`.
#
# Выигрыш вот в чём: на картинку больше `(H, W)` полносвязный слой ответить не может, а свёртка отвечает в каждом
# месте, где помещается окно. Так сеть, обученная узнавать, учат находить.
#
# Готовых функций для этого в torch нет; разрешено всё.
#
# **Проверяется:**
#
# {{properties:B2}}

# %% [markdown] lang="en"
# ## B2. A dense layer is a convolution ({{points:B2}} points, about {{minutes:B2}} minutes)
#
# In the lecture the network for images of 5 by 5 and ten classes has 25·10 + 10 = 260 numbers. The convolution
# `nn.Conv2d(1, 10, 5)` has as many, and that is no chance: **it is the same layer**. A unit multiplies each pixel by a
# weight of its own and adds up; a filter with a kernel of 5 by 5 fits on an image of 5 by 5 in one single way, and does
# the same. So what the lecture concludes about numbers of weights can also be read like this: a dense layer is a
# convolution with the largest kernel there is.
#
# Write `dense_as_conv(dense, shape)`: of an `nn.Linear` with C·H·W inputs and F outputs make an `nn.Conv2d` that
# answers images `(N, C, H, W)` with a tensor `(N, F, 1, 1)` of the same numbers as `dense(images.flatten(1))`;
# `shape` is the triple `(C, H, W)`.
#
# * `flatten(1)` lays numbers out in a row: first the whole first channel, row by row, then the second.
# * Weights are copied: the convolution has its own, and they can be trained on. It has a bias only where the layer has
#   one; the dtype is the same.
# * Where an image of that shape has another number of numbers than the layer has inputs, that is a `ValueError`.
#
# What is gained: a dense layer cannot answer to an image larger than `(H, W)`, and the convolution answers in each
# place at which the window fits. So a network that was trained to recognise is taught to find.
#
# torch has nothing ready-made for this; all is allowed.
#
# **What is checked:**
#
# {{properties:B2}}

# %% task="B2"

# %% [markdown] lang="ru"
# Обучим один полносвязный слой узнавать цифры, превратим его в свёртку и пустим по длинной полосе, в которой спрятаны
# три цифры. Внизу — что он отвечает, когда середина окна стоит в этом месте: светлое значит «уверен». Там, где окно
# накрыло цифру целиком, ответ верный, а между цифрами слой тоже отвечает, хотя его этому не учили, и часто невпопад.

# %% [markdown] lang="en"
# We train one dense layer to recognise digits, turn it into a convolution, and let it go along a strip in which three
# digits hide. Below is what it answers when the middle of the window stands at that place: bright means sure. Where the
# window covers a whole digit the answer is right; between digits the layer answers as well, though nobody taught it to,
# and often beside the point.

# %%
pictures, classes = load_digits("train")
pictures = pictures.float() / 255
dense = nn.Linear(28 * 28, 10)
optimizer = torch.optim.Adam(dense.parameters(), lr=0.01)
for _ in range(100):
    optimizer.zero_grad()
    F.cross_entropy(dense(pictures.flatten(1)), classes).backward()
    optimizer.step()
strip = torch.zeros(28, 180)
for digit, left in ((3, 12), (7, 76), (0, 140)):
    strip[:, left : left + 28] = pictures[classes == digit][4]
answers = dense_as_conv(dense, (1, 28, 28))(strip[None, None]).softmax(dim=1)[0, :, 0].detach()
figure, axes = plt.subplots(2, 1, figsize=(8, 4), sharex=True)
axes[0].imshow(strip, cmap="gray", aspect="auto")
axes[0].axis("off")
axes[1].imshow(answers, aspect="auto", extent=(14, 14 + answers.shape[1], 9.5, -0.5))
axes[1].set_xlim(0, 180)
axes[1].set_yticks(range(10))
plt.show()

# %% [markdown] lang="ru"
# ## B3. Что делает с сетью сдвиг ({{points:B3}} баллов, около {{minutes:B3}} минут)
#
# Лекция говорит о полносвязной сети: стоит сдвинуть картинку, и все её пиксели попадают к чужим весам. Свёртка такого
# не боится. Насколько это важно на деле, видно по одной кривой: какова точность, если сдвинуть все картинки на
# 0, 1, 2, ... пикселей.
#
# Напишите `shift_curve(model, images, labels, max_shift_px, fill=0.0)`: тензор из `max_shift_px + 1` чисел. Картинки
# `images` формы (N, C, H, W), метки `labels` формы (N); ответ сети — номер наибольшего выхода.
#
# * Число с номером 0 — доля верных ответов на картинки как есть.
# * Число с номером d — **среднее восьми** таких долей: картинки сдвинуты на d пикселей вверх, вниз, влево, вправо и по
#   четырём диагоналям (на d и по вертикали, и по горизонтали).
# * Что ушло за край, **потеряно**. С другого края входит фон, число `fill`. `torch.roll` вернёт ушедшее с другой
#   стороны, а это уже не сдвиг.
# * Сеть отвечает в режиме проверки и без градиента; после вызова у каждого слоя его прежний режим. Поможет
#   `with preserved.evaluating(model):` из `hw_cnn.interpret`, его можно взять готовым.
# * Данные картинки и метки не меняются. Если картинок нет, меток не столько же или сдвиг отрицательный, вызовите
#   `ValueError`.
#
# Готовые сдвиги torch и torchvision разрешены, если фон у них приходит откуда нужно.
#
# **Проверяется:**
#
# {{properties:B3}}

# %% [markdown] lang="en"
# ## B3. What a shift does to a network ({{points:B3}} points, about {{minutes:B3}} minutes)
#
# The lecture says of a dense network: move the image, and each of its pixels meets the weight of another. A convolution
# does not mind. How much that matters can be seen from one curve: the accuracy when all images are moved by
# 0, 1, 2, ... pixels.
#
# Write `shift_curve(model, images, labels, max_shift_px, fill=0.0)`: a tensor of `max_shift_px + 1` numbers. `images`
# has the shape (N, C, H, W), `labels` the shape (N); the network's answer is the number of its largest output.
#
# * Number 0 is the share of right answers for the images as they are.
# * Number d is the **mean of eight** such shares: images moved by d pixels up, down, left, right, and along the four
#   diagonals (by d both vertically and horizontally).
# * What leaves the image is **lost**. At the other border the background comes in, the number `fill`. `torch.roll`
#   brings back at the other side what has left, and that is no shift.
# * The network answers in evaluation mode and without gradient; after the call each layer has the mode that it had.
#   `with preserved.evaluating(model):` of `hw_cnn.interpret` helps, and may be taken as it is.
# * The given images and labels do not change. Where there are no images, another number of labels, or the shift is
#   negative, raise `ValueError`.
#
# Ready-made shifts of torch and torchvision are allowed, as long as their background comes from where it should.
#
# **What is checked:**
#
# {{properties:B3}}

# %% task="B3"

# %% [markdown] lang="ru"
# Две сети учатся на одних и тех же цифрах по две эпохи, и на цифрах посередине картинки разница между ними невелика.
# Сдвиньте цифры на два пикселя, и она станет заметной. Совсем без потерь не обходится и свёрточная сеть: после свёрток
# у неё тоже стоит полносвязный слой, который знает, где что лежит.

# %% [markdown] lang="en"
# Two networks learn from the same digits for two epochs, and for digits in the middle of the image there is little
# between them. Move the digits by two pixels, and it becomes plain. The convolutional network does lose something, too:
# behind its convolutions there is a dense layer that knows where things are.

# %%
torch.manual_seed(0)
train_digits, train_labels = load_digits("train")
train_digits = train_digits[:, None].float() / 255
rivals = {
    "dense": nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)),
    "conv": nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(256, 10),
    ),
}  # fmt: skip
seen_digits, seen_labels = load_digits("val")
seen_digits = seen_digits[:500, None].float() / 255
figure, axis = plt.subplots(figsize=(6, 3.5))
for name, rival in rivals.items():
    optimizer = torch.optim.Adam(rival.parameters(), lr=0.002)
    for batch in torch.randperm(2 * len(train_labels)).remainder(len(train_labels)).split(64):
        optimizer.zero_grad()
        F.cross_entropy(rival(train_digits[batch]), train_labels[batch]).backward()
        optimizer.step()
    accuracy = shift_curve(rival, seen_digits, seen_labels[:500], 6)
    axis.plot(accuracy, marker="o", label=name)
    print(name, [round(float(share), 3) for share in accuracy])
axis.axhline(0.1, color="gray", linestyle="--")
axis.set_ylim(0, 1)
axis.legend()
plt.show()

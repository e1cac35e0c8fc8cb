# %% [markdown] lang="ru"
# # {{title}}
#
# Лекция начинает с картинки как тензора и приходит к свёртке: картинки и данные, полносвязный слой как свёртка, сама
# операция, её края, её матричная запись и её градиент. Здесь этот путь или его часть пройдены маленькими шагами.
#
# {{tasks}}
#
# **Как проверять себя.** После каждого задания стоит ячейка `hw_cnn.check("{{first}}")`: она запускает открытые тесты
# на том, что написано в этой тетради. То же делает команда `hw-cnn check` в папке с работой; `hw-cnn submit` собирает
# архив. Последней строкой проверка говорит, сколько стоят открытые тесты: «Открытые тесты: 18 из 20 баллов». Баллы,
# которых там не хватает, зависят от свойств, которые видят только скрытые тесты: их проверьте сами.
#
# **Если застряли.** `hw_cnn.hint("{{first}}")` в новой ячейке (или команда `hw-cnn hint {{first}}`) даёт подсказку,
# каждый вызов — ещё одну. Их три на задание: идея, ловушка с примером на бумаге, алгоритм словами. На оценку
# подсказки не влияют, и никто не узнает, сколько вы открыли.
#
# Задания независимы: начинайте с любого. Тетрадь — одно пространство имён: вспомогательные функции разных заданий
# назовите по-разному.

# %% [markdown] lang="en"
# # {{title}}
#
# The lecture begins with an image as a tensor and arrives at convolution: images and data, a dense layer as a
# convolution, the operation itself, its borders, its form as a matrix, and its gradient. Here you go this way, or a
# part of it, in small steps.
#
# {{tasks}}
#
# **How to check yourself.** After each task there is a cell `hw_cnn.check("{{first}}")`: it runs the public tests on
# what stands in this notebook. The command `hw-cnn check` does the same in the folder of your work; `hw-cnn submit`
# packs the archive. A check's last line says what the public tests are worth: "Open tests: 18 of 20 points". Points
# that are missing there depend on properties that only hidden tests see: check those yourself.
#
# **If you are stuck.** `hw_cnn.hint("{{first}}")` in a new cell (or the command `hw-cnn hint {{first}}`) gives a
# hint, and one more at each call. Each task has three: the idea, a trap with an example on paper, the algorithm in
# words. Hints do not change your mark, and nobody learns how many you have opened.
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
# $$Y = 0{,}299\,R + 0{,}587\,G + 0{,}114\,B.$$
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
# Через обе функции проходит градиент. Готовое разрешено, но `Grayscale` из torchvision берёт 0,2989 вместо 0,299, и
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
axis.set_yticks(range(4), ["RGB", "BGR", "яркость / brightness", "среднее / mean"])
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
# Знаменитые 0,1307 и 0,3081, которые все пишут в коде для MNIST (с точкой: в коде и в том, что печатает Python,
# запятых нет), — это среднее и отклонение шестидесяти тысяч обучающих цифр; у наших шести тысяч они чуть другие. Ниже
# — яркость всех пикселей до нормировки и после неё: почти все они — фон (высота столбцов логарифмическая).

# %% [markdown] lang="en"
# The famous 0.1307 and 0.3081 that everybody writes into code for MNIST are the mean and the deviation of its sixty
# thousand training digits; those of our six thousand are slightly different. Below, how bright all pixels are before
# normalising and after it: nearly all of them are background (the height of bars is logarithmic).

# %%
from torch.utils.data import DataLoader, TensorDataset

digits, digit_labels = load_digits("train")
digits = digits[:, None].float() / 255
mean, std = channel_stats(DataLoader(TensorDataset(digits, digit_labels), batch_size=256))
print(f"среднее {float(mean):.4f}, отклонение {float(std):.4f} / mean {float(mean):.4f}, std {float(std):.4f}")
normalised = (digits - mean[:, None, None]) / std[:, None, None]
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6), sharey=True)
for axis, pixels, name in zip(axes, (digits, normalised), ("до / before", "после / after"), strict=True):
    axis.hist(pixels.flatten().numpy(), bins=60, log=True)
    axis.axvline(float(pixels.mean()), color="black", linestyle="--")
    axis.set_title(f"{name}: {float(pixels.mean()):.2f} ± {float(pixels.std()):.2f}")
    axis.set_xlabel("яркость / brightness")
axes[0].set_ylabel("пикселей / pixels")
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
torch.manual_seed(0)
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
axes[1].set_xlabel("середина окна, пиксели / middle of the window, pixels")
axes[1].set_ylabel("цифра / digit")
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
    "полносвязная / dense": nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)),
    "свёрточная / convolutional": nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(256, 10),
    ),
}  # fmt: skip
seen_digits, seen_labels = load_digits("val")
seen_digits = seen_digits[:500, None].float() / 255
untrained = shift_curve(rivals["полносвязная / dense"], seen_digits, seen_labels[:500], 6)
print("до обучения / untrained", [round(float(share), 3) for share in untrained])
curves = {}
for name, rival in rivals.items():
    optimizer = torch.optim.Adam(rival.parameters(), lr=0.002)
    for batch in torch.randperm(2 * len(train_labels)).remainder(len(train_labels)).split(64):
        optimizer.zero_grad()
        F.cross_entropy(rival(train_digits[batch]), train_labels[batch]).backward()
        optimizer.step()
    curves[name] = shift_curve(rival, seen_digits, seen_labels[:500], 6)
figure, axis = plt.subplots(figsize=(6, 3.5))
for name, accuracy in curves.items():
    axis.plot(accuracy, marker="o", label=name)
    print(name, [round(float(share), 3) for share in accuracy])
axis.axhline(0.1, color="gray", linestyle="--", label="наугад / by chance")
axis.set_xlabel("сдвиг, пиксели / shift, pixels")
axis.set_ylabel("точность / accuracy")
axis.set_ylim(0, 1)
axis.legend()
plt.show()

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

# %% [markdown] lang="ru"
# Ядро, которое сравнивает левого соседа с правым, и оно же, повёрнутое на пол-оборота. Где у одной карты красное
# (больше нуля), у другой синее: у этого ядра поворот меняет только знак. Серое — ноль.

# %% [markdown] lang="en"
# A kernel that compares the left neighbour with the right one, and the same kernel turned by half a turn. Where one map
# is red (above zero), the other is blue: with this kernel a turn changes nothing but the sign. Grey is zero.

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

# %% [markdown] lang="ru"
# Три цифры в трёх каналах, красном, зелёном и синем: что стоит в одном канале, на другие не влияет, и цвета не
# смешиваются. Числа меньше 0 и больше 1 для рисунка обрезаны.

# %% [markdown] lang="en"
# Three digits in three channels, red, green and blue: what is in one does not influence the others, and colours do not
# mix. Numbers below 0 and above 1 are clipped for the picture.

# %%
colour_digits = load_digits("train")[0][:3].float() / 255
editor_kernels = {
    "размытие / blur": torch.full((3, 3), 1 / 9),
    "резкость / sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "контуры / edges": torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
}
editor_images = {
    editor_name: apply_kernel(colour_digits, editor_kernel).clamp(0, 1)
    for editor_name, editor_kernel in editor_kernels.items()
}
editor_figure, editor_axes = plt.subplots(1, 4, figsize=(11, 3))
editor_axes[0].imshow(colour_digits.permute(1, 2, 0))
for editor_axis, (editor_name, editor_image) in zip(editor_axes[1:], editor_images.items(), strict=True):
    editor_axis.imshow(editor_image.permute(1, 2, 0))
    editor_axis.set_title(editor_name)
for editor_axis in editor_axes:
    editor_axis.axis("off")
plt.show()

# %% [markdown] lang="ru"
# ## E1. Края картинки ({{points:E1}} баллов, около {{minutes:E1}} минут)
#
# Ядру 3×3 у края картинки не хватает пикселей. Можно отказаться от таких мест, тогда карта меньше картинки; можно
# решить, что стоит за краем. На лекции это показано на строке чисел $x_0 \dots x_4$; с двумя числами с каждой стороны
# она такова:
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
# Готовые `F.pad`, слои вроде `nn.ReflectionPad2d` и `numpy.pad` здесь разрешены: проверяется ответ. Но у `F.pad`
# другой порядок сторон, картинку без осей впереди она не отражает, вместо `ValueError` у неё `RuntimeError`, а
# отрицательную ширину она понимает как «обрезать»; через numpy не проходит градиент. Номера пикселей, которые видны в
# рамке, полезнее составить самому: это одна строка формул на каждый режим.
#
# **Проверяется:**
#
# {{properties:E1}}

# %% [markdown] lang="en"
# ## E1. Borders of an image ({{points:E1}} points, about {{minutes:E1}} minutes)
#
# At the border of an image a 3×3 kernel has too few pixels. One may do without such places, and the map is smaller than
# the image; or one decides what stands beyond the border. The lecture shows it on a row of numbers $x_0 \dots x_4$;
# with two numbers on each side it looks like this:
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
# The ready-made `F.pad`, layers like `nn.ReflectionPad2d` and `numpy.pad` are allowed here: the answer is what is
# checked. But `F.pad` has another order of sides, mirrors no image without axes in front, raises `RuntimeError` where a
# `ValueError` is asked for, and takes a negative width as "cut off"; and no gradient passes through numpy. To write
# down yourself which pixels are seen in the frame teaches more: it is one line of formulas a mode.
#
# **What is checked:**
#
# {{properties:E1}}

# %% task="E1"

# %% [markdown] lang="ru"
# Середина цифры в красной рамке и по восемь пикселей с каждой стороны, которые приписала `pad2d`. Нули обрывают штрих
# на краю, зеркало продолжает его обратно, а повтор тянет крайний пиксель до конца.

# %% [markdown] lang="en"
# The middle of a digit in a red frame, and the eight pixels on each side that `pad2d` has put there. Zeros break a
# stroke off at the border, the mirror leads it back, and repetition draws the last pixel out to the end.

# %%
framed_digit = load_digits("train")[0][0]
border_modes = ("zeros", "reflect", "replicate")
border_images = [pad2d(framed_digit[6:24, 6:24], (8, 8, 8, 8), border_mode) for border_mode in border_modes]
border_figure, border_axes = plt.subplots(1, 3, figsize=(8, 3))
for border_axis, border_mode, border_image in zip(border_axes, border_modes, border_images, strict=True):
    border_axis.imshow(border_image, cmap="gray")
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
# `Tensor.unfold`, срезы и номера пикселей можно. Можно и получить одну функцию из другой градиентом: это та самая
# сопряжённость. Разрешена и `F.fold` вместе с её градиентом, её ответ обязан совпасть с вашим; но сложить числа окон
# своими руками полезнее.
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
# they are written: {{forbidden:F2}}. `Tensor.unfold`, slices and numbers of pixels are fine. You may also get one of
# the functions from the other as its gradient: that is what adjoint means. `F.fold` and its gradient are allowed, too,
# and what it gives has to equal yours; but adding up the numbers of the windows yourself teaches more.
#
# **What is checked:**
#
# {{properties:F2}}

# %% task="F2"

# %% [markdown] lang="ru"
# Цифра, её окна 5×5 с шагом 2 столбцами матрицы (12 мест по вертикали на 12 по горизонтали) и то, что даёт `col2im`,
# если каждое число каждого окна — единица. Пиксель в середине видят от четырёх до девяти окон, угол — одно, а до
# последних строки и столбца не достаёт ни одно.

# %% [markdown] lang="en"
# A digit, its windows of 5×5 with stride 2 as columns of a matrix (12 places down by 12 across), and what `col2im`
# gives when each number of each window is one. A pixel in the middle is seen by four to nine windows, a corner by one,
# and the last row and column are out of reach.

# %%
window_digit = load_digits("train")[0][0].float()[None, None] / 255
window_columns = im2col(window_digit, 5, stride=2)
window_counts = col2im(torch.ones_like(window_columns), (28, 28), 5, stride=2)
columns_figure, columns_axes = plt.subplots(1, 3, figsize=(11, 3), width_ratios=(1, 2.4, 1))
columns_axes[0].imshow(window_digit[0, 0], cmap="gray")
columns_axes[0].set_title("28 x 28")
columns_axes[1].imshow(window_columns[0], cmap="gray", aspect="auto")
columns_axes[1].set_title("im2col: 25 x 144")
columns_axes[1].set_xlabel("окно / window")
columns_axes[1].set_ylabel("клетка окна / cell of a window")
columns_axes[2].set_title("окон на пиксель / windows per pixel")
columns_figure.colorbar(columns_axes[2].imshow(window_counts[0, 0], cmap="viridis"), ax=columns_axes[2])
columns_figure.tight_layout()
plt.show()

# %% [markdown] lang="ru"
# ## F3. Обратный проход своими руками ({{points:F3}} баллов, около {{minutes:F3}} минут)
#
# Сеть учится так: функция потерь $L$ сообщает последнему слою, как она меняется от каждого числа его ответа, и каждый
# слой переводит это сообщение для предыдущего. Один такой перевод вы напишете сами. Пусть $y$ — ответ свёртки,
# $g = \partial L / \partial y$ — пришедший градиент той же формы, что $y$, а $\tilde x$ — картинка вместе с рамкой
# нулей. Движение вперёд:
#
# $$y_{n,o,a,b} = \beta_o + \sum_{c,i,j} \tilde x_{n,c,\,as+i,\,bs+j}\; w_{o,c,i,j}.$$
#
# Каждое слагаемое — произведение пикселя и веса, поэтому градиент идёт по тем же парам: к пикселю с множителем $w$, к
# весу с множителем $\tilde x$, к смещению как есть. Что встретилось в одном месте, складывается:
#
# $$g^{w}_{o,c,i,j} = \sum_{n,a,b} g_{n,o,a,b}\;\tilde x_{n,c,\,as+i,\,bs+j}, \qquad
# g^{\beta}_o = \sum_{n,a,b} g_{n,o,a,b},$$
#
# $$g^{\tilde x}_{n,c,Y,X} = \sum_{o,i,j,a,b:\ as+i=Y,\ bs+j=X} g_{n,o,a,b}\; w_{o,c,i,j}.$$
#
# Рамку у $g^{\tilde x}$ отрезают: нули снаружи никто не учит. Сумма, а не среднее, стоит и по картинкам: если нужно
# среднее, о нём уже позаботилась функция потерь.
#
# * `conv2d_backward(g, x, w, stride=1, padding=0)` → три градиента `(gx, gw, gb)`: формы `x`, формы `w` и формы
#   `(O,)`.
# * `pool2d_backward(g, x, kernel_size, stride=None, padding=0, mode="max")` → градиент формы `x`. Максимум отдаёт
#   градиент окна целиком туда, где стоит наибольшее число, среднее (`"mean"`) — поровну каждому пикселю окна. Без
#   `stride` шаг равен окну. Рамка — не пиксели: она никогда не бывает наибольшей, и среднее делится на число
#   **настоящих** пикселей в окне.
#
# **О равных числах.** Если наибольших в окне несколько (за ReLU бывают целые окна нулей), у максимума нет одной
# производной, и остаётся договориться. Мы делаем, как torch: весь градиент получает **первое в порядке чтения**.
#
# Размер ответа — всегда размер картинки, даже если шаг не делит его нацело: куда окна не достали, там нули. Числа
# шага, дополнения и окна могут быть парами (по вертикали, по горизонтали). Через сами эти функции градиенту проходить
# не нужно.
#
# Весь смысл задания в том, чтобы обойтись без автоматики, поэтому внутри обеих функций под запретом {{forbidden:F3}},
# то есть градиенты torch в любой записи (`backward()` и `torch.func` тоже), свёртки, также транспонированные, с их
# готовыми градиентами, и готовый пулинг. Срезы, `einsum`, `Tensor.unfold`, `scatter_add_` разрешены; `F.unfold` и
# `F.fold` тоже: ими занималась F2, и как соединить их в обратный проход, всё равно решаете вы. Для свёртки годятся и
# разности по одному числу: она линейна, и они точны, только считать их долго. Сверяться с autograd снаружи, в соседней
# ячейке, можно и нужно.
#
# **Проверяется:**
#
# {{properties:F3}}

# %% [markdown] lang="en"
# ## F3. The backward pass by hand ({{points:F3}} points, about {{minutes:F3}} minutes)
#
# This is how a network learns: the loss $L$ tells the last layer how it changes with each number of its answer, and
# each layer translates the message for the one before. One such translation you will write yourself. Let $y$ be the
# answer of a convolution, $g = \partial L / \partial y$ the gradient that arrives, of the shape of $y$, and $\tilde x$
# the image with its frame of zeros. The way forward:
#
# $$y_{n,o,a,b} = \beta_o + \sum_{c,i,j} \tilde x_{n,c,\,as+i,\,bs+j}\; w_{o,c,i,j}.$$
#
# Each term is a pixel times a weight, so the gradient goes along the same pairs: to the pixel with the factor $w$, to
# the weight with the factor $\tilde x$, to the bias as it is. What meets in one place is added up:
#
# $$g^{w}_{o,c,i,j} = \sum_{n,a,b} g_{n,o,a,b}\;\tilde x_{n,c,\,as+i,\,bs+j}, \qquad
# g^{\beta}_o = \sum_{n,a,b} g_{n,o,a,b},$$
#
# $$g^{\tilde x}_{n,c,Y,X} = \sum_{o,i,j,a,b:\ as+i=Y,\ bs+j=X} g_{n,o,a,b}\; w_{o,c,i,j}.$$
#
# The frame of $g^{\tilde x}$ is cut off: nobody teaches the zeros outside. Over images, too, it is a sum and not a
# mean: where a mean is wanted, the loss has already seen to it.
#
# * `conv2d_backward(g, x, w, stride=1, padding=0)` → three gradients `(gx, gw, gb)`: of the shape of `x`, of that of
#   `w`, and of the shape `(O,)`.
# * `pool2d_backward(g, x, kernel_size, stride=None, padding=0, mode="max")` → a gradient of the shape of `x`. A maximum
#   gives the gradient of a window as a whole to where the largest number stands, a mean (`"mean"`) gives equal parts to
#   each pixel of the window. Without `stride` the stride is the size of the window. The frame is no pixels: it never is
#   the maximum, and a mean is divided by the number of **real** pixels in the window.
#
# **On equal numbers.** Where a window has several largest numbers (behind a ReLU there are whole windows of zeros), a
# maximum has no single derivative, and one has to agree on something. We do as torch does: **the first one in the order
# of reading** gets the whole gradient.
#
# The answer always has the size of the image, even where the stride does not divide it: there are zeros where no window
# reached. Stride, padding and window may be pairs (vertical, horizontal). No gradient needs to pass through these
# functions themselves.
#
# The whole point is to do without automation, so off limits inside both functions are {{forbidden:F3}}: torch's
# gradients, however they are asked for (`backward()` and `torch.func`, too), convolutions, transposed ones and their
# gradients as well, and ready-made pooling. Slices, `einsum`, `Tensor.unfold`, `scatter_add_` are fine; so are
# `F.unfold` and `F.fold`: they are what F2 is about, and how to make a backward pass of them is still up to you. For
# the convolution differences of one number at a time will do as well: it is linear, and they are exact, if slow. To
# compare with autograd outside, in a cell beside, is allowed and a good idea.
#
# **What is checked:**
#
# {{properties:F3}}

# %% task="F3"

# %% [markdown] lang="ru"
# Слева градиент **одного** числа карты признаков, нарисованный поверх цифры: до картинки доходит одно ядро, на том
# месте, где стояло окно. Чем ярче красные пиксели, тем больше это число, чем ярче синие, тем оно меньше. Дальше
# складываются все окна сразу: сколько окон 3×3 видят каждый пиксель картинки 8×8. С шагом 1 середина видна девять раз,
# угол — один. С шагом 2 получается решётка из единиц, двоек и четвёрок, а последние строка и столбец не видны никому:
# их градиент ноль. Та же решётка проступает в картинках, которые рисуют сети с транспонированной свёрткой: она и есть
# `gx`.

# %% [markdown] lang="en"
# On the left the gradient of **one** number of a feature map, painted over the digit: one kernel reaches the image, in
# the place where the window stood. The brighter red pixels are, the larger the number; the brighter blue ones, the
# smaller. Then all windows are added up: how many windows of 3×3 see each pixel of an image of 8×8. With stride 1 the
# middle is seen nine times, a corner once. With stride 2 there is a lattice of ones, twos and fours, and nobody sees
# the last row and column: their gradient is zero. The same lattice shows through in images drawn by networks with
# transposed convolutions: `gx` is one.

# %%
backward_digit = load_digits("train")[0][0].float()[None, None] / 255
backward_kernel = torch.tensor([[-1.0, -2, 0, 2, 1]]).repeat(5, 1)[None, None]
one_number = torch.zeros(1, 1, 12, 12)
one_number[0, 0, 4, 6] = 1
painted = conv2d_backward(one_number, backward_digit, backward_kernel, stride=2)[0][0, 0]
backward_counts = []
for backward_step in (1, 2):
    backward_places = 5 // backward_step + 1
    window_ones = torch.ones(1, 1, backward_places, backward_places)
    pixel_counts = conv2d_backward(window_ones, torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3), stride=backward_step)[0]
    backward_counts.append((backward_step, pixel_counts))
backward_figure, backward_axes = plt.subplots(1, 3, figsize=(11, 3.6))
backward_axes[0].imshow(backward_digit[0, 0], cmap="gray")
backward_axes[0].imshow(np.ma.masked_equal(painted.numpy(), 0), cmap="coolwarm", vmin=-2, vmax=2, alpha=0.8)
backward_axes[0].add_patch(plt.Rectangle((11.5, 7.5), 5, 5, fill=False, edgecolor="yellow"))
backward_axes[0].set_title("y[4, 6] → gx")
for backward_axis, (backward_step, pixel_counts) in zip(backward_axes[1:], backward_counts, strict=True):
    backward_axis.imshow(pixel_counts[0, 0], cmap="viridis", vmin=0, vmax=9)
    for (pixel_row, pixel_column), pixel_count in np.ndenumerate(pixel_counts[0, 0].numpy()):
        pixel_colour = "black" if pixel_count > 5 else "white"
        backward_axis.text(pixel_column, pixel_row, f"{pixel_count:g}", ha="center", va="center", color=pixel_colour)
    backward_axis.set_title(f"3x3, шаг {backward_step} / 3x3, stride {backward_step}")
for backward_axis in backward_axes:
    backward_axis.axis("off")
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
# * сначала они случайные: равномерно от $-1/\sqrt{n}$ до $1/\sqrt{n}$, где $n$ — число весов одного фильтра. Будь
#   все числа сети нулями, фильтры слоя получали бы одинаковый градиент и оставались бы одинаковыми;
# * `forward` считает то же, что `nn.Conv2d`: ядро не переворачивается, рамка из нулей. Размер ядра, шаг и дополнение —
#   число или пара (по вертикали, по горизонтали).
#
# Готовая свёртка под запретом, в любой записи: {{forbidden:F4}}. `F.unfold` здесь можно: вместе с ней свёртка — это
# произведение матриц, как в F2. Можно и создать внутри `nn.Conv2d`, чтобы взять у него начальные веса: считать с ними
# всё равно придётся самому. Ваши функции из других заданий тоже годятся, но тогда их ошибки станут ошибками слоя.
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
#   Were all numbers of the network zero, the filters of a layer would get the same gradient, and stay alike;
# * `forward` computes what `nn.Conv2d` does: the kernel is not flipped, the frame is made of zeros. Kernel, stride and
#   padding are a number or a pair (vertical, horizontal).
#
# Ready-made convolution is off limits, however it is written: {{forbidden:F4}}. `F.unfold` is allowed here: with it
# convolution is a product of matrices, as in F2. You may also make an `nn.Conv2d` inside to take its first weights: to
# compute with them is still up to you. Your functions of other tasks will do as well, but then their mistakes become
# mistakes of the layer.
#
# **What is checked:**
#
# {{properties:F4}}

# %% task="F4"

# %% [markdown] lang="ru"
# Карты вашего слоя с весами, взятыми у `nn.Conv2d`, на одной цифре: красное больше нуля, синее меньше, шкала общая. На
# ровном фоне каждая карта равна своему смещению.

# %% [markdown] lang="en"
# Maps of your layer for one digit, with the weights of an `nn.Conv2d`: red is above zero, blue below, on one scale for
# all. On the even background each map equals its bias.

# %%
torch.manual_seed(0)
own_layer, torch_layer = Conv2d(1, 6, 5), nn.Conv2d(1, 6, 5)
own_layer.load_state_dict(torch_layer.state_dict())
layer_digit = load_digits("train")[0][2].float()[None, None] / 255
with torch.no_grad():
    layer_maps, layer_difference = own_layer(layer_digit), own_layer(layer_digit) - torch_layer(layer_digit)
layer_largest = float(layer_difference.abs().max())
print(f"отличие от nn.Conv2d: {layer_largest:.1e} / difference from nn.Conv2d: {layer_largest:.1e}")
layer_scale = float(layer_maps.abs().max())
layer_figure, layer_axes = plt.subplots(1, 6, figsize=(11, 2))
for layer_axis, layer_map in zip(layer_axes, layer_maps[0], strict=True):
    layer_axis.imshow(layer_map, cmap="coolwarm", vmin=-layer_scale, vmax=layer_scale)
    layer_axis.axis("off")
plt.show()

# %% [markdown] lang="ru"
# ## G3. Зачем нужен пулинг ({{points:G3}} балла, около {{minutes:G3}} минут)
#
# Лекция называет две причины: после пулинга следующим слоям меньше работы, и сеть меньше зависит от небольших сдвигов.
# Обе можно измерить двумя числами.
#
# Напишите `pool_report(features, shifted, kernel_size)`. Здесь `features` — карты `(N, C, H, W)`, которые свёртка
# сделала из N картинок, `shifted` — карты тех же картинок после сдвига. Пулинг — максимум по окнам `kernel_size`,
# которые стоят рядом, как у `nn.MaxPool2d(kernel_size)`: неполные окна отброшены; размер — число или пара (по
# вертикали, по горизонтали). Верните пару чисел `(mac_ratio, cosine)`:
#
# * `mac_ratio` — какую долю умножений сохраняет следующая свёртка, у которой мест столько же, сколько чисел в её
#   входной карте. В каждом месте она умножает одинаковое количество чисел, поэтому считать нужно только места.
# * `cosine` — насколько похожи карты после пулинга. Для каждой картинки все каналы карты вытягиваются в один вектор
#   $a$, у сдвинутой — в вектор $b$;
#
# $$\cos(a, b) = \frac{\langle a, b \rangle}{\lVert a \rVert \, \lVert b \rVert},$$
#
# и берётся среднее по картинкам. Если все числа картинки — нули, её косинус 0.
#
# С окном 1 пулинга нет, с окном `(H, W)` от каждого канала остаётся одно число. Если формы карт разные, картинок нет,
# окно не помещается или его сторона меньше 1, вызовите `ValueError`.
#
# Разрешено всё: и готовый пулинг, и готовый косинус.
#
# **Проверяется:**
#
# {{properties:G3}}

# %% [markdown] lang="en"
# ## G3. What pooling is for ({{points:G3}} points, about {{minutes:G3}} minutes)
#
# The lecture names two reasons: after pooling the next layers have less to do, and the network depends less on small
# shifts. Both can be measured, in two numbers.
#
# Write `pool_report(features, shifted, kernel_size)`. Here `features` are maps `(N, C, H, W)` that a convolution has
# made of N images, and `shifted` are the maps of the same images after a shift. Pooling is the maximum over windows of
# `kernel_size` that stand side by side, as in `nn.MaxPool2d(kernel_size)`: windows that do not fit are left out; the
# size is a number or a pair (vertical, horizontal). Return the pair of numbers `(mac_ratio, cosine)`:
#
# * `mac_ratio` is which part of its multiplications the next convolution keeps, one that has as many places as its
#   input map has numbers. It multiplies the same number of numbers at each place, so there is nothing to count but
#   places.
# * `cosine` is how alike the maps are after pooling. For each image all channels of its map are stretched into one
#   vector $a$, those of the shifted image into a vector $b$;
#
# $$\cos(a, b) = \frac{\langle a, b \rangle}{\lVert a \rVert \, \lVert b \rVert},$$
#
# and the mean over images is taken. Where all numbers of an image are zero, its cosine is 0.
#
# A window of 1 is no pooling, and one of `(H, W)` leaves a single number of each channel. Where the shapes of the maps
# differ, there are no images, the window does not fit, or a side of it is below 1, raise `ValueError`.
#
# All is allowed: ready-made pooling, and a ready-made cosine.
#
# **What is checked:**
#
# {{properties:G3}}

# %% task="G3"

# %% [markdown] lang="ru"
# Случайные фильтры 5 на 5, цифры, сдвинутые на один и на два пикселя. Чем крупнее окно, тем меньше остаётся от сдвига
# и тем дешевле следующий слой. Окно во всю карту не замечает сдвига совсем, но и не знает, где что нарисовано: поэтому
# в сетях пулинг мелкий и чередуется со свёртками.

# %% [markdown] lang="en"
# Random filters of 5 by 5, and digits moved by one and by two pixels. The larger the window, the less is left of the
# shift, and the cheaper is the next layer. A window as large as the map does not notice the shift at all, but does not
# know either where something was drawn: so networks pool in small steps, between convolutions.

# %%
torch.manual_seed(0)
report_digits = F.pad(load_digits("val")[0][:200, None].float() / 255, (2, 2, 2, 2))
report_filters = torch.randn(8, 1, 5, 5)
report_maps = [F.conv2d(report_digits.roll(shift, 3), report_filters, padding=2).relu() for shift in range(3)]
report_windows = {"1": 1, "2 x 2": 2, "4 x 4": 4, "32 x 32": 32}
report_curves = [
    [pool_report(report_maps[0], report_maps[report_shift], size) for size in report_windows.values()]
    for report_shift in (1, 2)
]
report_figure, report_axis = plt.subplots(figsize=(7, 3))
for report_shift, report_pairs in enumerate(report_curves, 1):
    report_label = f"косинус, сдвиг {report_shift} / cosine, shift {report_shift}"
    report_axis.plot(list(report_windows), [cosine for _, cosine in report_pairs], "o-", label=report_label)
report_ratios, report_label = [ratio for ratio, _ in report_pairs], "доля умножений / share of products"
report_axis.bar(list(report_windows), report_ratios, color="0.85", label=report_label)
report_axis.set_xlabel("окно / window")
report_axis.set_ylabel("косинус и доля / cosine and share")
report_axis.legend()
plt.show()

# %% [markdown] lang="ru"
# ## G4. Что видит одно число ({{points:G4}} баллов, около {{minutes:G4}} минут)
#
# Число карты первой свёртки 5 на 5 зависит от 25 пикселей. Число следующей карты зависит от 25 таких чисел, но поля
# соседей почти накрывают друг друга, и вместе они видят 9 на 9 пикселей, а не 25 на 25. **Поле зрения** (receptive
# field) — сколько пикселей вдоль одной оси лежит от первого до последнего, который число видит; **расстояние** (jump)
# — на сколько пикселей расходятся поля двух соседних чисел карты. Пулинг почти не расширяет поле сам, зато удваивает
# расстояние, и дальше поле растёт вдвое быстрее: поэтому сеть успевает увидеть всю цифру.
#
# Найдите то же самое двумя способами.
#
# * **По правилу**: `receptive_field(layers)`. Слой — это `(kernel, stride)` или `(kernel, stride, dilation)`: свёртка
#   и пулинг здесь неразличимы. Ответ — список пар `(поле, расстояние)` целых чисел, по одной на слой, от картинки. С
#   `dilation` d клетки окна стоят через d чисел: окно 3 с `dilation` 2 смотрит на числа 0, 2 и 4. Края картинки не
#   учитываются. Число меньше 1 — это `ValueError`.
# * **По градиенту**: `input_support(model, image, position)`. Сеть превращает картинки `(1, C, H, W)` в карты `(1, F,
#   H', W')`; возьмите в месте `position = (строка, столбец)` сумму всех каналов карты. Пиксель виден, если производная
#   суммы хотя бы по одному из его каналов не равна нулю. Ответ — два тензора целых чисел по возрастанию: номера строк,
#   в которых есть видимый пиксель, и номера таких столбцов.
#
# Сеть отвечает в режиме проверки: в режиме обучения BatchNorm смешивает весь батч, и каждое число видит всё, а Dropout
# прячет часть пикселей. После вызова у слоёв прежний режим, у весов и у данной картинки нет нового градиента. Поможет
# `with preserved.evaluating(model):` из `hw_cnn.interpret`, его можно взять готовым.
#
# Градиент честнее правила: он знает о краях картинки, о промежутках при `dilation` и о том, что пулинг с максимумом
# пропускает только победителя, а ReLU — только положительные числа. Правило говорит, что число *может* увидеть,
# градиент — что оно видит на этой картинке.
#
# Разрешено всё. Поля слоёв готовой сети знают и `hw-cnn summary`, и `hw_cnn.interpret.receptive_field.locate`:
# сверьтесь с ними; построить сеть, чтобы их спросить, тоже можно, но правило короче.
#
# **Проверяется:**
#
# {{properties:G4}}

# %% [markdown] lang="en"
# ## G4. What one number sees ({{points:G4}} points, about {{minutes:G4}} minutes)
#
# A number in the map of a first convolution of 5 by 5 depends on 25 pixels. A number of the next map depends on 25 of
# those, but fields of neighbours nearly cover each other, and together they see 9 by 9 pixels, not 25 by 25. The
# **receptive field** is how many pixels lie, along one axis, from the first to the last that the number sees; the
# **jump** is how many pixels the fields of two neighbours of a map lie apart. Pooling hardly widens a field itself,
# but it doubles the jump, and from there on the field grows twice as fast: so the network gets to see the whole digit.
#
# Find the same in two ways.
#
# * **By rule**: `receptive_field(layers)`. A layer is `(kernel, stride)` or `(kernel, stride, dilation)`: convolution
#   and pooling make no difference here. The answer is a list of pairs `(field, jump)` of whole numbers, one for each
#   layer, from the image on. With `dilation` d the cells of a window stand d numbers apart: a window of 3 with
#   `dilation` 2 looks at the numbers 0, 2 and 4. Borders of the image do not count. A number below 1 is a
#   `ValueError`.
# * **By gradient**: `input_support(model, image, position)`. The network turns images `(1, C, H, W)` into maps `(1, F,
#   H', W')`; take, at the place `position = (row, column)`, the sum of all channels of the map. A pixel is seen when
#   the derivative of that sum by at least one of its channels is not zero. The answer is two tensors of whole numbers
#   in ascending order: the numbers of the rows that hold a pixel that is seen, and of such columns.
#
# The network answers in evaluation mode: in training mode BatchNorm mixes the whole batch, and each number sees
# everything, while Dropout hides some of the pixels. After the call layers have the mode that they had, and neither
# weights nor the given image have a new gradient. `with preserved.evaluating(model):` of `hw_cnn.interpret` helps, and
# may be taken as it is.
#
# The gradient is more honest than the rule: it knows of the image's borders, of gaps under `dilation`, and that
# pooling by the maximum lets only the winner through, and ReLU only positive numbers. The rule says what a number
# *can* see, the gradient what it sees on this image.
#
# All is allowed. Fields of a network's layers are also known to `hw-cnn summary` and to
# `hw_cnn.interpret.receptive_field.locate`: compare with them; to build a network only to ask them is allowed as well,
# but the rule is shorter.
#
# **What is checked:**
#
# {{properties:G4}}

# %% task="G4"

# %% [markdown] lang="ru"
# Слева — что видит одно число каждой карты LeNet, если спросить градиент: рамки 5, 6, 14, 16 и 32 пикселя. Справа —
# как поле растёт по правилу в трёх сетях лекции; картинка в ImageNet — 224 пикселя, и VGG-16 к последней карте видит
# почти всю.

# %% [markdown] lang="en"
# On the left, what one number of each map of LeNet sees when the gradient is asked: frames of 5, 6, 14, 16 and 32
# pixels. On the right, how the field grows by the rule in three networks of the lecture; an image of ImageNet has 224
# pixels, and by its last map VGG-16 sees nearly all of it.

# %%
field_layers = {
    "LeNet-5": [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)],
    "AlexNet": [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)],
    "VGG-16": [layer for count in (2, 2, 3, 3, 3) for layer in [(3, 1)] * count + [(2, 2)]],
}
torch.manual_seed(0)
field_net = nn.Sequential(
    nn.Conv2d(1, 6, 5), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.AvgPool2d(2), nn.Conv2d(16, 120, 5)
)
field_digit = F.pad(load_digits("train")[0][7].float()[None] / 255, (2, 2, 2, 2))
field_supports = []
for depth in range(1, 6):
    field_map = field_net[:depth](field_digit[None])
    middle = (field_map.shape[2] // 2, field_map.shape[3] // 2)
    field_supports.append(input_support(field_net[:depth], field_digit, middle))
field_curves = {name: [field for field, _ in receptive_field(layers)] for name, layers in field_layers.items()}
field_figure, field_axes = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
field_axes[0].imshow(field_digit[0], cmap="gray", vmin=0, vmax=1.6)
field_colours = ["tab:orange", "tab:green", "tab:red", "violet", "yellow"]
for field_colour, (rows, columns) in zip(field_colours, field_supports, strict=True):
    corner, size = (int(columns[0]) - 0.5, int(rows[0]) - 0.5), len(rows)
    field_axes[0].add_patch(plt.Rectangle(corner, len(columns), size, fill=False, color=field_colour, linewidth=2))
    field_axes[0].plot([], color=field_colour, label=str(size))
field_axes[0].set(xlim=(-1.5, 32.5), ylim=(32.5, -1.5), xticks=[], yticks=[], facecolor="black")
field_axes[0].legend(title="поле / field", loc="center left", bbox_to_anchor=(1, 0.5))
for name, fields in field_curves.items():
    field_axes[1].plot(range(1, len(fields) + 1), fields, "o-", label=name)
field_axes[1].axhline(224, color="black", linestyle=":", label="ImageNet: 224")
field_axes[1].set_xticks(range(1, 19, 2))
field_axes[1].set_xlabel("слой / layer")
field_axes[1].set_ylabel("поле, пиксели / field, pixels")
field_axes[1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown] lang="ru"
# ## K1. Модуль данных ({{points:K1}} баллов, около {{minutes:K1}} минут)
#
# Половина ошибок в обучении — не в сети, а в данных: проверочные картинки попали в обучающие, тест нормирован другими
# числами, порядок батчей один и тот же. Сеть от этого не падает, она просто обещает больше, чем умеет. Lightning
# собирает всё о данных в одном классе, `LightningDataModule`, и зовёт его методы в определённом порядке; тогда каждое
# решение принимается один раз и в одном месте.
#
# Напишите класс `ImagesDataModule(read, batch_size=64, val_size=1000, seed=0, augment=None)`, наследник
# `LightningDataModule`. Функция `read("train")` возвращает серые картинки `(N, H, W)` типа uint8 и метки `(N)` типа
# int64, `read("test")` — тестовые. Такова и наша `load_digits`.
#
# * `__init__` только запоминает аргументы. Данных в это время может ещё не быть: их скачивают позже, в `prepare_data`,
#   один процесс за всех.
# * `setup(stage)` читает, делит и измеряет. `stage` — это `"fit"`, `"validate"`, `"test"` или `"predict"`; метод может
#   вызываться в процессе, где `prepare_data` и других стадий не было. Из `read("train")` откладывается проверочная
#   часть: ровно `val_size` картинок, классы в пропорции, выбор определяется `seed`. Остальное — обучающая часть; по её
#   пикселям, поделённым на 255, считаются среднее и отклонение. Если для обучения ничего не остаётся или `val_size`
#   отрицательно, это `ValueError`.
# * `train_dataloader()`, `val_dataloader()` и `test_dataloader()` возвращают то, из чего в цикле выходят батчи: пары
#   тензоров `(B, 1, H, W)` float32 и `(B)` int64. Картинки всех частей — это `(image / 255 - mean) / std`.
#   Перемешивается только обучающая часть, в каждом проходе заново. Последний батч может быть короче, но не теряется.
# * `augment`, если он дан, изменяет одну картинку `(1, H, W)` с числами float32 от 0 до 1 и применяется к обучающим
#   картинкам, до нормировки, в каждом проходе заново.
#
# `DataLoader` и `Dataset` из `torch.utils.data` и `splits.stratified_split`, `splits.channel_statistics` из
# `hw_cnn.data.feeding` можно взять готовыми: задание не в том, как считать, а в том, где. `random_split` не смотрит на
# классы. Наследовать готовые модули данных (`DigitsDataModule` и другие) и прятать их внутри своего нельзя; `augment`
# они всё равно не знают. `num_workers` не нужен: картинки уже в памяти.
#
# **Проверяется:**
#
# {{properties:K1}}

# %% [markdown] lang="en"
# ## K1. A data module ({{points:K1}} points, about {{minutes:K1}} minutes)
#
# Half of what goes wrong in training is not in the network but in the data: validation images got among those for
# training, the test was normalised by other numbers, batches always come in one order. No network crashes because of
# that, it only promises more than it can do. Lightning keeps all that is about data in one class,
# `LightningDataModule`, and calls its methods in a fixed order; so each decision is made once, and in one place.
#
# Write the class `ImagesDataModule(read, batch_size=64, val_size=1000, seed=0, augment=None)`, a subclass of
# `LightningDataModule`. The function `read("train")` gives grey images `(N, H, W)` of dtype uint8 and labels `(N)` of
# dtype int64, `read("test")` those for the test. Our `load_digits` is such a function.
#
# * `__init__` only remembers its arguments. The data need not be there yet: they are downloaded later, in
#   `prepare_data`, by one process for all.
# * `setup(stage)` reads, splits and measures. `stage` is `"fit"`, `"validate"`, `"test"` or `"predict"`; it may be
#   called in a process that has seen neither `prepare_data` nor another stage. From `read("train")` the validation
#   part is put aside: exactly `val_size` images, classes in proportion, the choice determined by `seed`. The rest is
#   the training part, and its pixels, divided by 255, give the mean and the deviation. Where nothing is left for
#   training, or `val_size` is negative, that is a `ValueError`.
# * `train_dataloader()`, `val_dataloader()` and `test_dataloader()` give something that a loop takes batches from:
#   pairs of tensors `(B, 1, H, W)` float32 and `(B)` int64. Images of all parts are `(image / 255 - mean) / std`. Only
#   the training part is shuffled, anew in each pass. The last batch may be shorter, but it is not lost.
# * `augment`, where it is given, changes one image `(1, H, W)` of float32 numbers from 0 to 1, and is applied to
#   training images, before they are normalised, anew in each pass.
#
# `DataLoader` and `Dataset` of `torch.utils.data`, and `splits.stratified_split` and `splits.channel_statistics` of
# `hw_cnn.data.feeding`, may be taken as they are: the task is not how to compute but where. `random_split` does not
# look at classes. To inherit from ready data modules (`DigitsDataModule` and others), or to hide one inside of yours,
# is off limits; they do not know `augment` anyhow. There is no need for `num_workers`: the images are in memory.
#
# **What is checked:**
#
# {{properties:K1}}

# %% task="K1"

# %% [markdown] lang="ru"
# Обучающие цифры дважды: в двух проходах порядок другой, и каждая сдвинута по-своему. Внизу проверочные: всегда одни и
# те же и на своём месте. Справа — сколько картинок каждого класса в частях.

# %% [markdown] lang="en"
# Training digits twice: two passes come in another order, and each digit is moved in a way of its own. Below are those
# for validation: always the same ones, and in their place. On the right, how many images of each class the parts hold.

# %%
from torchvision.transforms import v2

torch.manual_seed(0)
module = ImagesDataModule(load_digits, batch_size=8, val_size=1000, augment=v2.RandomAffine(0, translate=(0.15, 0.15)))
module.prepare_data()
module.setup("fit")
training, validation = module.train_dataloader(), module.val_dataloader()
module_rows = [next(iter(training))[0], next(iter(training))[0], next(iter(validation))[0], next(iter(validation))[0]]
module_counts = [
    torch.bincount(torch.cat([labels for _, labels in batches]), minlength=10) for batches in (training, validation)
]
module_figure, module_axes = plt.subplots(1, 2, figsize=(10, 3), width_ratios=(1.6, 1))
module_axes[0].imshow(torch.cat([torch.cat(list(row[:, 0]), dim=1) for row in module_rows]), cmap="gray")
module_parts = ("обучающая / training", "проверочная / validation")
module_axes[0].set_yticks([14, 42, 70, 98], [f"{part}, {number}" for part in module_parts for number in (1, 2)])
module_axes[0].set_xticks([])
for counts, label, shift in zip(module_counts, module_parts, (-0.2, 0.2), strict=True):
    module_axes[1].bar(np.arange(10) + shift, counts.numpy(), width=0.4, label=label)
module_axes[1].set_xticks(range(10))
module_axes[1].set_xlabel("класс / class")
module_axes[1].set_ylabel("картинок / images")
module_axes[1].legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
plt.show()

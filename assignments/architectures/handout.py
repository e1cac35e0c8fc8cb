# %% [markdown] lang="ru"
# # {{title}}
#
# Три сети с лекции, каждая в своё время была лучшей: LeNet-5 (1998) читала цифры на чеках, AlexNet (2012) выиграла
# ImageNet и вернула интерес к нейронным сетям, VGG (2014) показала, что глубины можно добиться одними свёртками 3×3.
# В этой работе вы соберёте их заново, **до последнего веса**: число параметров должно сойтись с опубликованным, а веса
# torchvision — загрузиться в вашу сеть.
#
# {{tasks}}
#
# **Как проверять себя.** После каждого задания стоит ячейка `hw_cnn.check("I2")`: она запускает открытые тесты на том,
# что написано в этой тетради. То же делает команда `hw-cnn check` в папке с работой; `hw-cnn submit` собирает архив.
# Последней строкой проверка говорит, сколько стоят открытые тесты: «Открытые тесты: 18 из 20 баллов». Баллы, которых
# там не хватает, зависят от свойств, которые видят только скрытые тесты: их проверьте сами.
#
# **Если застряли.** `hw_cnn.hint("I2")` в новой ячейке (или команда `hw-cnn hint I2`) даёт подсказку, каждый вызов —
# ещё одну. Их три на задание: идея, ловушка с примером на бумаге, алгоритм словами. На оценку подсказки не влияют, и
# никто не узнает, сколько вы открыли.
#
# **Как мы оцениваем.** Мы подставляем в вашу сеть случайные веса и сравниваем её ответ с правильным. Имена слоёв,
# порядок их объявления и то, как веса разложены внутри, в I2, I3 и I4 свободны, лишь бы у каждого слоя были свои
# тензоры весов и смещений; в I4b и I5 имена — часть задания. Начальные веса не проверяются. Большие сети целиком
# не строятся: числа мы сравниваем на сети в 16 или 32 раза уже (`width=1/16`), а формы весов полной сети узнаём на
# устройстве `meta`, где у тензоров есть размер, но нет чисел. Обычные слои `torch.nn` там работают сами; ленивые
# (`nn.LazyLinear` и другие) не подходят: у них до первого вызова нет и размера.
# **Поэтому аргумент `width` обязателен**: без него в I4, I4b и I5 остаются баллы только за формы весов.
#
# **Картинки и числа.** Сети нарисованы рядами коробок: чем коробка толще, тем больше каналов, чем она выше, тем больше
# карта (стороны растут как корни, иначе 3 и 512 каналов не уместились бы рядом). MAC — одно умножение со сложением;
# kMAC, MMAC и GMAC — тысяча, миллион и миллиард таких. Числа, по которым вы проверяете свою сеть, точные, остальные
# округлены. Разделы без баллов объясняют и сравнивают; при проверке их ячейки не выполняются.
#
# Задания независимы: начинайте с любого. Тетрадь — одно пространство имён: таблицы и вспомогательные функции разных
# заданий назовите по-разному. Готовые сети torchvision (`torchvision.models`) брать нельзя, любые слои
# `torch.nn` — можно.

# %% [markdown] lang="en"
# # {{title}}
#
# Three networks of the lecture, each the best of its time: LeNet-5 (1998) read digits on cheques, AlexNet (2012) won
# ImageNet and brought neural networks back, VGG (2014) showed that 3×3 convolutions alone can go deep. In this homework
# you build them again, **to the last weight**: the number of parameters must be the published one, and torchvision's
# weights must load into your network.
#
# {{tasks}}
#
# **How to check yourself.** After each task there is a cell `hw_cnn.check("I2")`: it runs the public tests on what
# stands in this notebook. The command `hw-cnn check` does the same in the folder of your work; `hw-cnn submit` packs
# the archive.
# A check's last line says what the public tests are worth: "Open tests: 18 of 20 points". Points that are missing
# there depend on properties that only hidden tests see: check those yourself.
#
# **If you are stuck.** `hw_cnn.hint("I2")` in a new cell (or the command `hw-cnn hint I2`) gives a hint, and one more
# at each call. Each task has three: the idea, a trap with an example on paper, the algorithm in words. Hints do not
# change your mark, and nobody learns how many you have opened.
#
# **How we grade.** We put random weights into your network and compare its answer with the right one. In I2, I3 and I4
# you may choose names of layers, the order in which they are declared, and how weights are kept inside, as long as each
# layer has its own tensors of weights and biases; in I4b and I5 names are part of the task. First weights are not
# checked. Large networks are never built as a whole: we compare numbers on a network 16 or 32 times narrower
# (`width=1/16`), and read the shapes of the full network's weights on the device `meta`, where tensors have a size but
# no numbers. The usual layers of `torch.nn` work there by themselves; lazy ones (`nn.LazyLinear` and others) are not
# allowed: before their first call they have no size either. **So the argument `width` is needed**: without it I4, I4b
# and I5 earn points for the shapes of weights only.
#
# **Pictures and numbers.** Networks are drawn as rows of boxes: the thicker a box, the more channels, and the taller,
# the larger the map (sides grow like roots, or 3 and 512 channels would not fit side by side). A MAC is one
# multiplication with an addition; kMAC, MMAC and GMAC are a thousand, a million and a billion of them. Numbers by which
# you check your network are exact, all others are rounded. Sections without points explain and compare; their cells are
# not run when we grade.
#
# Tasks do not depend on each other: begin where you like. A notebook is one namespace: give tables and helpers of
# different tasks different names. The ready-made networks of `torchvision.models` are off
# limits, all layers of `torch.nn` are fine.

# %%
# %matplotlib inline
import time

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import hw_cnn
from hw_cnn.data import load_digits
from hw_cnn.interpret.figures import words
from hw_cnn.interpret.figures.blocks import draw_blocks
from hw_cnn.interpret.figures.costs import Trained, draw_costs
from hw_cnn.interpret.figures.shares import Shares, draw_shares
from hw_cnn.interpret.figures.stacks import draw_stacks
from hw_cnn.models.lenet5_1998 import digit_codes
from hw_cnn.summary.table import print_table
from hw_cnn.summary.trace import Summary, trace


def describe(name, build, input_shape):
    """ru: Печатает слои, параметры и умножения сети; сама сеть строится без чисел.
    en: Print layers, parameters and multiplications of a network; it is built without numbers.
    """
    with torch.device("meta"):
        net = build()
    print_table(Summary(name, input_shape, trace(net, input_shape)), LANG)


def print_rows(rows):
    """ru: Печатает строки (название, число, ...) столбцами.
    en: Print rows (name, number, ...) in columns.
    """
    for name, *numbers in rows:
        print(f"{name:<18}", *(f"{number:>15}" for number in numbers))


# %% lang="ru"
LANG = "ru"  # язык подписей

# %% lang="en"
LANG = "en"  # the language of captions

# %% [markdown] lang="ru"
# ## I2. LeNet-5 1998 года ({{points:I2}} баллов, около {{minutes:I2}} минут)
#
# Многие называют LeNet-5 сеть, которую соберут из свёрток, ReLU и пулинга. У статьи LeCun, Bottou, Bengio и Haffner
# (1998) почти всё устроено иначе:
#
# | слой | что это | что выходит | параметры |
# |---|---|---|---:|
# | C1 | свёртка 5×5 | 6×28×28 | 156 |
# | S2 | субдискретизация 2×2 | 6×14×14 | 12 |
# | C3 | свёртка 5×5 по таблице | 16×10×10 | 1 516 |
# | S4 | субдискретизация 2×2 | 16×5×5 | 32 |
# | C5 | свёртка 5×5 | 120×1×1 | 48 120 |
# | F6 | полносвязный | 84 | 10 164 |
# | выход | расстояния до кодов | 10 | – |
#
# Вместе 60 000 параметров.
#
# - **Сжимающая функция** стоит после каждого слоя от C1 до F6: $f(x) = 1{,}7159\,\tanh(2x/3)$
#   (гиперболический тангенс, по-русски часто th; в статье и в torch — tanh). Числа подобраны так, что $f(\pm1) = \pm1$.
# - **Субдискретизация** складывает четыре числа окна 2×2 (шаг 2), умножает сумму на вес и прибавляет смещение. У каждой
#   карты свой вес и своё смещение, и оба обучаются: $6 + 6$ параметров в S2, $16 + 16$ в S4.
# - **C3 по таблице.** Карта C3 видит не все карты S2, а те, что отмечены в таблице; весов для остальных *нет*. Так
#   авторы экономили умножения и заставляли карты учиться разному. Первые шесть карт видят по три карты подряд, девять
#   следующих по четыре, последняя все: $25\cdot60 + 16 = 1516$ параметров. Маска поверх полной свёртки вычисляет то
#   же самое, но держит 900 лишних весов; придумайте, как без них обойтись.
# - **Выход.** У каждого класса есть код из 84 чисел ±1, нарисованная цифра 7×12. Ответ сети — квадраты расстояний
#   $y_i = \sum_j (x_j - c_{ij})^2$ от выхода F6 до кодов; класс выбирают **наименьшим** расстоянием. Коды не
#   обучаются: `digit_codes()` возвращает их тензором (10, 84), храните его в буфере. Рисунки наши: в статье
#   они даны картинкой.
#
# Таблица C3 (строка — карта S2, столбец — карта C3):
#
# | | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 |
# |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
# | **0** | × | | | | × | × | × | | | × | × | × | × | | × | × |
# | **1** | × | × | | | | × | × | × | | | × | × | × | × | | × |
# | **2** | × | × | × | | | | × | × | × | | | × | | × | × | × |
# | **3** | | × | × | × | | | × | × | × | × | | | × | | × | × |
# | **4** | | | × | × | × | | | × | × | × | × | | × | × | | × |
# | **5** | | | | × | × | × | | | × | × | × | × | | × | × | × |
#
# Напишите класс `LeNet1998(num_classes=10)` для картинок 1×32×32.
#
# **Проверяется:**
#
# {{properties:I2}}

# %% [markdown] lang="en"
# ## I2. LeNet-5 of 1998 ({{points:I2}} points, about {{minutes:I2}} minutes)
#
# Many call LeNet-5 whatever is built of convolutions, ReLU and pooling. The paper by LeCun, Bottou, Bengio and Haffner
# (1998) does almost everything in another way:
#
# | layer | what it is | output | parameters |
# |---|---|---|---:|
# | C1 | convolution 5×5 | 6×28×28 | 156 |
# | S2 | subsampling 2×2 | 6×14×14 | 12 |
# | C3 | convolution 5×5 by table | 16×10×10 | 1,516 |
# | S4 | subsampling 2×2 | 16×5×5 | 32 |
# | C5 | convolution 5×5 | 120×1×1 | 48,120 |
# | F6 | dense | 84 | 10,164 |
# | output | distances to codes | 10 | – |
#
# Together 60,000 parameters.
#
# - **The squashing function** follows every layer from C1 to F6: $f(x) = 1.7159\,\tanh(2x/3)$. Its numbers make
#   $f(\pm1) = \pm1$.
# - **The subsampling layers** add the four numbers of a 2×2 window (stride 2), multiply the sum by a weight and add a
#   bias. Each map has a weight and a bias of its own, and both are trained: $6 + 6$ parameters in S2, $16 + 16$ in S4.
# - **C3 by table.** A map of C3 does not see all maps of S2 but those marked in the table; weights for the others do
#   *not exist*. This saved multiplications and made maps learn different things. The first six maps see three
#   neighbours each, the next nine see four, the last one sees all: $25\cdot60 + 16 = 1516$ parameters. A mask over a
#   full convolution computes the same but keeps 900 weights too many; find a way to do without them.
# - **The output.** Each class has a code of 84 numbers ±1, a digit drawn on 7×12. The network answers with squared
#   distances $y_i = \sum_j (x_j - c_{ij})^2$ from the output of F6 to the codes; the class is the one with the
#   **smallest** distance. Codes are not trained: `digit_codes()` gives them as a tensor (10, 84), keep it in a buffer.
#   The drawings are ours: the paper shows its own in a figure.
#
# The table of C3 (row: map of S2, column: map of C3):
#
# | | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 |
# |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
# | **0** | × | | | | × | × | × | | | × | × | × | × | | × | × |
# | **1** | × | × | | | | × | × | × | | | × | × | × | × | | × |
# | **2** | × | × | × | | | | × | × | × | | | × | | × | × | × |
# | **3** | | × | × | × | | | × | × | × | × | | | × | | × | × |
# | **4** | | | × | × | × | | | × | × | × | × | | × | × | | × |
# | **5** | | | | × | × | × | | | × | × | × | × | | × | × | × |
#
# Write the class `LeNet1998(num_classes=10)` for 1×32×32 images.
#
# **What is checked:**
#
# {{properties:I2}}

# %%
LENET_1998 = [
    ("картинка / image", (1, 32, 32)),
    ("C1", (6, 28, 28)),
    ("S2", (6, 14, 14)),
    ("C3", (16, 10, 10)),
    ("S4", (16, 5, 5)),
    ("C5", (120, 1, 1)),
    ("F6", (84,)),
    ("выход / output", (10,)),
]
draw_blocks(LENET_1998)

# %% [markdown] lang="ru"
# А это коды десяти классов. Выход F6, 84 числа, сеть учится делать похожим на рисунок своей цифры.

# %% [markdown] lang="en"
# And these are the codes of the ten classes. The network learns to make the 84 numbers of F6 look like the drawing of
# its digit.

# %%
figure, axes = plt.subplots(1, 10, figsize=(9, 1.6))
for axis, code in zip(axes, digit_codes(), strict=True):
    axis.imshow(code.reshape(12, 7), cmap="gray_r")
    axis.axis("off")
plt.show()

# %% task="I2"

# %%
describe("LeNet1998", LeNet1998, (1, 32, 32))

# %% [markdown] lang="ru"
# ## I2b. Функция потерь LeNet-5 ({{points:I2b}} балла, бонус, около {{minutes:I2b}} минут)
#
# Расстояние до верного кода $D$ должно быть мало, а до остальных — велико. Формула (9) статьи складывает оба желания:
#
# $$E = \frac1N \sum_n \Bigl( y_{D_n} + \ln\bigl(e^{-j} + \sum_i e^{-y_i}\bigr) \Bigr),$$
#
# сумма внутри логарифма идёт по всем классам. Постоянная $j > 0$ останавливает отталкивание: коды, до которых
# расстояние много больше $j$, уже не отодвигаются. Без $e^{-j}$ это кросс-энтропия от минус-расстояний.
#
# Напишите `rbf_loss(distances, targets, j=1.0)`; ответ — скаляр. Осторожно: расстояния в начале обучения больше сотни,
# а $e^{-150}$ в float32 — ровно ноль.
#
# **Проверяется:**
#
# {{properties:I2b}}

# %% [markdown] lang="en"
# ## I2b. The loss of LeNet-5 ({{points:I2b}} points, bonus, about {{minutes:I2b}} minutes)
#
# The distance to the right code $D$ should be small, those to the others large. Equation (9) of the paper adds up both
# wishes:
#
# $$E = \frac1N \sum_n \Bigl( y_{D_n} + \ln\bigl(e^{-j} + \sum_i e^{-y_i}\bigr) \Bigr),$$
#
# where the inner sum goes over all classes. The constant $j > 0$ ends the pushing: codes that are much further away
# than $j$ are not moved any more. Without $e^{-j}$ this is the cross-entropy of negated distances.
#
# Write `rbf_loss(distances, targets, j=1.0)`; the answer is a scalar. Take care: at the beginning of training distances
# are above a hundred, and $e^{-150}$ is exactly zero in float32.
#
# **What is checked:**
#
# {{properties:I2b}}

# %% task="I2b"

# %% [markdown] lang="ru"
# Работает ли сеть 1998 года? Одна эпоха на 6 000 цифр, оптимизатор современный. Картинки 28×28 дополнены до 32×32; фон
# равен −0,1, чернила 1,175, как в статье. Одной эпохи хватает, чтобы верно прочесть больше 80 цифр из 100. Авторы учили
# сеть двадцать эпох на 60 000 цифр и получили на тесте MNIST ошибку 0,95 % (LeCun и др., 1998, раздел III).

# %% [markdown] lang="en"
# Does the network of 1998 work? One epoch on 6,000 digits, with an optimizer of today. The 28×28 images are padded to
# 32×32; the background is −0.1 and ink 1.175, as in the paper. One epoch is enough to read more than 80 digits of 100.
# Its authors trained for twenty epochs on 60,000 digits and had an error of 0.95 % on the test part of MNIST (LeCun et
# al., 1998, section III).


# %%
def prepared(split):
    """ru: Цифры, какими их видела LeNet-5: (N, 1, 32, 32) float32, и ответы.
    en: Digits as LeNet-5 saw them: (N, 1, 32, 32) float32, and labels.
    """
    images, labels = load_digits(split)
    return F.pad(images[:, None].float() / 255, (2, 2, 2, 2)) * 1.275 - 0.1, labels


torch.manual_seed(0)
net = LeNet1998()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
images, labels = prepared("train")
for chosen in torch.randperm(len(images)).split(32):
    optimizer.zero_grad()
    rbf_loss(net(images[chosen]), labels[chosen]).backward()
    optimizer.step()
images, labels = prepared("test")
with torch.no_grad():
    first_epoch = float((net(images).argmin(1) == labels).float().mean())
print("точность: / accuracy:", words.percent(first_epoch, LANG))

# %% [markdown] lang="ru"
# ## I3. LeNet-5 сегодня ({{points:I3}} балла, около {{minutes:I3}} минут)
#
# Под тем же именем теперь собирают другую сеть: C3 связана со всеми картами, субдискретизация — обычное среднее 2×2 без
# параметров, вместо $f$ стоит ReLU, выход линейный.
#
# | слой | что выходит | параметры |
# |---|---|---:|
# | свёртка 5×5, ReLU, среднее 2×2 | 6×14×14 | 156 |
# | свёртка 5×5, ReLU, среднее 2×2 | 16×5×5 | 2 416 |
# | свёртка 5×5, ReLU | 120×1×1 | 48 120 |
# | полносвязный, ReLU | 84 | 10 164 |
# | полносвязный | 10 | 850 |
#
# Вместе 61 706. Отсюда же число 61 470, которое приписывают сети 1998 года: это она без смещений.
#
# Напишите `LeNet5(in_channels=1, num_classes=10, padding=0, width=1.0)`. Аргумент `padding` дополняет картинку перед
# первой свёрткой: с `padding=2` сеть принимает 28×28. `width` умножает числа фильтров и скрытых нейронов (120 и 84
# тоже).
#
# **Проверяется:**
#
# {{properties:I3}}

# %% [markdown] lang="en"
# ## I3. LeNet-5 today ({{points:I3}} points, about {{minutes:I3}} minutes)
#
# Under the same name people now build another network: C3 sees all maps, subsampling is the plain mean of 2×2 without
# parameters, $f$ has become ReLU, and the output is linear.
#
# | layer | output | parameters |
# |---|---|---:|
# | convolution 5×5, ReLU, mean 2×2 | 6×14×14 | 156 |
# | convolution 5×5, ReLU, mean 2×2 | 16×5×5 | 2,416 |
# | convolution 5×5, ReLU | 120×1×1 | 48,120 |
# | dense, ReLU | 84 | 10,164 |
# | dense | 10 | 850 |
#
# Together 61,706. The number 61,470 that some give for the network of 1998 comes from here: it is this one without
# biases.
#
# Write `LeNet5(in_channels=1, num_classes=10, padding=0, width=1.0)`. The argument `padding` frames the image for the
# first convolution: with `padding=2` the network takes 28×28. `width` multiplies the numbers of filters and hidden
# units (120 and 84 too).
#
# **What is checked:**
#
# {{properties:I3}}

# %%
LENET_TODAY = [
    ("картинка / image", (1, 32, 32)),
    ("свёртка / convolution", (6, 28, 28)),
    ("среднее / mean", (6, 14, 14)),
    ("свёртка / convolution", (16, 10, 10)),
    ("среднее / mean", (16, 5, 5)),
    ("свёртка / convolution", (120, 1, 1)),
    ("полносвязный / dense", (84,)),
    ("выход / output", (10,)),
]
draw_blocks(LENET_TODAY)

# %% task="I3"

# %%
describe("LeNet5", LeNet5, (1, 32, 32))

# %% [markdown] lang="ru"
# ### Три сети на одних и тех же цифрах (без баллов)
#
# Обучим рядом LeNet-5 1998 года, сегодняшнюю LeNet-5 и сеть семинара: те же 6 000 цифр, четыре эпохи, Adam, батч 32.
# Каждая видит картинки такими, для каких её делали. Сегодняшние сети учит кросс-энтропия, сеть 1998 года — средний
# квадрат расстояния до верного кода, формула (8) статьи; функция из бонусного задания I2b здесь не нужна. Всё вместе
# занимает 10–15 секунд одного ядра, с шестнадцатью отдельными свёртками в C3 — около полуминуты.

# %% [markdown] lang="en"
# ### Three networks on the same digits (no points)
#
# Let us train LeNet-5 of 1998, LeNet-5 of today and the network of the seminar side by side: the same 6,000 digits,
# four epochs, Adam, batches of 32. Each sees images as it was made for. Those of today learn by cross-entropy, that of
# 1998 by the mean squared distance to the right code, equation 8 of the paper; the function of the bonus task I2b is
# not needed here. All in all it takes 10–15 seconds of one core, with sixteen separate convolutions in C3 about half a
# minute.


# %%
def seminar_net():
    """Сеть семинара: (N, 1, 28, 28) -> логиты (N, 10) / The seminar's network: (N, 1, 28, 28) -> logits (N, 10)."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


def normalised(split):
    """ru: Цифры со средним 0 и отклонением 1: (N, 1, 28, 28) float32, и ответы.
    en: Digits of mean 0 and deviation 1: (N, 1, 28, 28) float32, and labels.
    """
    images, labels = load_digits(split)
    return (images[:, None].float() / 255 - 0.1307) / 0.3081, labels


def to_right_code(distances, labels):
    """Средний квадрат расстояния до верного кода / The mean squared distance to the right code."""
    return distances.gather(1, labels[:, None]).mean()


def training(name, build, data, loss, answer, epochs=4):
    """ru: Обучает сеть и после каждой эпохи меряет точность; answer: номер класса по выходу сети.
    en: Train a network and measure its accuracy after each epoch; answer: the class by the network's output.
    """
    torch.manual_seed(0)
    net = build()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    (images, labels), (test_images, test_labels) = data("train"), data("test")
    accuracies, seconds = [], 0.0
    for _ in range(epochs):
        begin = time.perf_counter()
        for chosen in torch.randperm(len(images)).split(32):
            optimizer.zero_grad()
            loss(net(images[chosen]), labels[chosen]).backward()
            optimizer.step()
        seconds += time.perf_counter() - begin
        with torch.no_grad():
            accuracies.append(float((answer(net(test_images), 1) == test_labels).float().mean()))
    result = Summary(name, tuple(images.shape[1:]), trace(net, images.shape[1:]))
    return Trained(name, accuracies, result.num_parameters, result.num_macs, seconds)


today, seminar = "LeNet-5 сегодня / LeNet-5 today", "сеть семинара / seminar's net"
networks = [
    training("LeNet-5, 1998", LeNet1998, prepared, to_right_code, torch.argmin),
    training(today, lambda: LeNet5(padding=2), normalised, F.cross_entropy, torch.argmax),
    training(seminar, seminar_net, normalised, F.cross_entropy, torch.argmax),
]
rows = [["сеть / network", "параметры / parameters", "MAC", "секунды / seconds", "точность / accuracy"]]
for one in networks:
    size, work = words.rounded(one.num_parameters, LANG), words.macs(one.num_macs, LANG)
    seconds, accuracy = words.number(one.seconds, LANG, 1), words.percent(one.accuracies[-1], LANG)
    rows.append([one.name, size, work, seconds, accuracy])
print_rows(rows)
draw_costs(networks, LANG)

# %% [markdown] lang="ru"
# После четырёх эпох все три верно читают от 92 до 98 цифр из 100; сеть 1998 года в начале отстаёт. Дешевле всех сеть
# семинара: 44,4 тысячи параметров и 281,6 kMAC, карты у неё меньше (24×24 и 8×8 после свёрток). У сегодняшней LeNet-5
# 61,7 тысячи параметров и 416,5 kMAC (карты 28×28 и 10×10). Сети 1998 года хватает примерно 330 kMAC: таблица C3
# выбросила 900 весов из 2 400 и с ними 90 kMAC. Теперь посмотрите на секунды: время и число умножений — не одно и то
# же. Тангенс, сборка C3 по таблице и расстояния до кодов стоят времени, которого MAC не видит.

# %% [markdown] lang="en"
# After four epochs all three read 92 to 98 digits of 100; the network of 1998 lags behind in the beginning. The
# cheapest is the seminar's: 44.4 thousand parameters and 281.6 kMAC, as its maps are smaller (24×24 and 8×8 after the
# convolutions). LeNet-5 of today has 61.7 thousand parameters and 416.5 kMAC (28×28 and 10×10). That of 1998 needs
# about 330 kMAC: the table of C3 has thrown out 900 weights of 2,400, and 90 kMAC with them. Now look at the seconds:
# time is not the number of multiplications. The tangent, building C3 by its table and the distances to the codes take
# time that no MAC shows.

# %% [markdown] lang="ru"
# ## I4. AlexNet 2012 года ({{points:I4}} баллов, около {{minutes:I4}} минут)
#
# Krizhevsky, Sutskever и Hinton выиграли ImageNet с ошибкой top-5 15,3 % при 26,2 % у второго места. Сеть не помещалась
# в память одной видеокарты, поэтому её поделили на две; карты обменивались данными лишь в третьей свёртке и
# в полносвязных слоях. На рисунке ниже у каждой половины свой цвет.
#
# | слой | что выходит | параметры |
# |---|---|---:|
# | свёртка 11×11, шаг 4; ReLU, нормировка, максимум 3×3 с шагом 2 | 96×27×27 | 34 944 |
# | свёртка 5×5, дополнение 2, две группы; ReLU, нормировка, максимум 3×3 с шагом 2 | 256×13×13 | 307 456 |
# | свёртка 3×3, дополнение 1; ReLU | 384×13×13 | 885 120 |
# | свёртка 3×3, дополнение 1, две группы; ReLU | 384×13×13 | 663 936 |
# | свёртка 3×3, дополнение 1, две группы; ReLU, максимум 3×3 с шагом 2 | 256×6×6 | 442 624 |
# | dropout, полносвязный, ReLU | 4096 | 37 752 832 |
# | dropout, полносвязный, ReLU | 4096 | 16 781 312 |
# | полносвязный | 1000 | 4 097 000 |
#
# Вместе 60 965 224, то есть 61 миллион. Ловушки:
#
# - **227, а не 224.** В статье картинка 224×224, но $(224 - 11)/4 + 1 = 54{,}25$. Карты 55×55 выходят из 227 пикселей
#   без дополнения.
# - **Группы.** `groups=2`: половина фильтров видит половину карт. Кто их забудет, получит 62 378 344 параметра.
# - **Нормировка отклика** делит число на степень суммы квадратов соседних карт на том же месте:
#   $$b_i = a_i \Big/ \Bigl(k + \alpha \sum_{j=i-2}^{i+2} a_j^2\Bigr)^{\beta},
#   \qquad k = 2,\ \alpha = 10^{-4},\ \beta = 0{,}75.$$
#   Соседи, которых нет, считаются нулями. В torch это `nn.LocalResponseNorm`, но прочтите её формулу: $\alpha$ там
#   делится на размер окна.
# - **Пулинг перекрывается**: окно 3×3, шаг 2. Размеры карт с окном 2×2 те же, а сеть другая.
# - **Dropout** при проверке выключен. В статье (раздел 4.2) сказано, что он обнуляет выходы нейронов «в первых двух
#   полносвязных слоях»; здесь, как и в torchvision, он стоит перед этими слоями.
#
# Напишите `AlexNet2012(in_channels=3, image_size=227, num_classes=1000, width=1.0, dropout=0.5)`. `width` умножает
# числа фильтров и скрытых нейронов (оба раза 4096); на узкой сети мы сравниваем числа. Веса слоя держите в одном
# тензоре, как в `nn.Conv2d(..., groups=2)`. Длину вектора признаков вычислите из `image_size`; картинки меньше
# 67 пикселей не проверяются.
#
# **Проверяется:**
#
# {{properties:I4}}

# %% [markdown] lang="en"
# ## I4. AlexNet of 2012 ({{points:I4}} points, about {{minutes:I4}} minutes)
#
# Krizhevsky, Sutskever and Hinton won ImageNet with a top-5 error of 15.3 % against 26.2 % of the second place. The
# network did not fit into the memory of one graphics card, so it was split into two; the halves exchanged data only in
# the third convolution and in the dense layers. In the picture below each half has a colour.
#
# | layer | output | parameters |
# |---|---|---:|
# | convolution 11×11, stride 4; ReLU, normalisation, maximum 3×3 with stride 2 | 96×27×27 | 34,944 |
# | convolution 5×5, padding 2, two groups; ReLU, normalisation, maximum 3×3 with stride 2 | 256×13×13 | 307,456 |
# | convolution 3×3, padding 1; ReLU | 384×13×13 | 885,120 |
# | convolution 3×3, padding 1, two groups; ReLU | 384×13×13 | 663,936 |
# | convolution 3×3, padding 1, two groups; ReLU, maximum 3×3 with stride 2 | 256×6×6 | 442,624 |
# | dropout, dense, ReLU | 4096 | 37,752,832 |
# | dropout, dense, ReLU | 4096 | 16,781,312 |
# | dense | 1000 | 4,097,000 |
#
# Together 60,965,224, that is 61 million. The traps:
#
# - **227, not 224.** The paper says 224×224, but $(224 - 11)/4 + 1 = 54.25$. Maps of 55×55 come from 227 pixels without
#   padding.
# - **Groups.** `groups=2`: half of the filters see half of the maps. Without them there are 62,378,344 parameters.
# - **Response normalisation** divides a number by a power of the sum of squares of neighbouring maps at the same place:
#   $$b_i = a_i \Big/ \Bigl(k + \alpha \sum_{j=i-2}^{i+2} a_j^2\Bigr)^{\beta},
#   \qquad k = 2,\ \alpha = 10^{-4},\ \beta = 0.75.$$
#   Neighbours that do not exist count as zero. torch has `nn.LocalResponseNorm`, but read its formula: there $\alpha$
#   is divided by the size of the window.
# - **Pooling overlaps**: window 3×3, stride 2. With a 2×2 window all sizes are the same and the network is another.
# - **Dropout** is off in evaluation. The paper (section 4.2) says that it zeroes outputs of neurons "in the first two
#   fully-connected layers"; here, as in torchvision, it stands before these layers.
#
# Write `AlexNet2012(in_channels=3, image_size=227, num_classes=1000, width=1.0, dropout=0.5)`. `width` multiplies the
# numbers of filters and hidden units (4096 both times); we compare numbers on a narrow network. Keep the weights of a
# layer in one tensor, as `nn.Conv2d(..., groups=2)` does. Compute the length of the feature vector from `image_size`;
# images below 67 pixels are not checked.
#
# **What is checked:**
#
# {{properties:I4}}

# %%
ALEXNET_2012 = [
    ("картинка / image", (3, 227, 227)),
    ("свёртка 1 / conv 1", (96, 55, 55)),
    ("максимум / maximum", (96, 27, 27)),
    ("свёртка 2 / conv 2", (256, 27, 27)),
    ("максимум / maximum", (256, 13, 13)),
    ("свёртка 3 / conv 3", (384, 13, 13)),
    ("свёртка 4 / conv 4", (384, 13, 13)),
    ("свёртка 5 / conv 5", (256, 13, 13)),
    ("максимум / maximum", (256, 6, 6)),
    ("полносвязный / dense", (4096,)),
    ("полносвязный / dense", (4096,)),
    ("выход / output", (1000,)),
]
draw_blocks(ALEXNET_2012, in_halves=range(1, 9), num_in_row=6)

# %% task="I4"

# %%
describe("AlexNet2012", AlexNet2012, (3, 227, 227))

# %% [markdown] lang="ru"
# **Три числа, которые путают.** Какая ошибка у AlexNet: 18,2 %, 16,4 % или 15,3 %? Все три числа стоят в статье
# (Krizhevsky, Sutskever, Hinton, 2012, раздел «Results», таблица 2), все три — ошибка top-5 на ILSVRC-2012, но модели
# разные:
#
# | top&#8209;5 | чья это ошибка |
# |---:|---|
# | 18,2 % | одной сети, той самой, что вы собрали (проверочная часть) |
# | 16,4 % | среднего ответа пяти таких сетей (проверочная и тестовая части) |
# | 15,3 % | среднего семи: этих пяти и двух, которые сначала учили на всём ImageNet осени 2011 года (тестовая часть) |
#
# С последним числом и выиграли соревнование, но это не ошибка одной AlexNet. Есть и четвёртое, 17,0 % из аннотации:
# это одна сеть на данных другого года, ILSVRC-2010.

# %% [markdown] lang="en"
# **Three numbers that get mixed up.** What is the error of AlexNet: 18.2 %, 16.4 % or 15.3 %? All three stand in the
# paper (Krizhevsky, Sutskever, Hinton, 2012, section "Results", Table 2), all three are top-5 errors on ILSVRC-2012,
# but of different models:
#
# | top&#8209;5 | whose error |
# |---:|---|
# | 18.2 % | of one network, the one that you have built (validation part) |
# | 16.4 % | of the mean answer of five such networks (validation and test part) |
# | 15.3 % | of the mean of seven: these five and two first trained on all of ImageNet of autumn 2011 (test part) |
#
# The last one won the competition, but it is not the error of one AlexNet. There is a fourth, the 17.0 % of the
# abstract: one network on the data of another year, ILSVRC-2010.

# %% [markdown] lang="ru"
# ## I4b. AlexNet из torchvision ({{points:I4b}} баллов, около {{minutes:I4b}} минут)
#
# Если сегодня говорят «AlexNet», обычно имеют в виду сеть из torchvision. Она для одной видеокарты: без групп
# и нормировки, с другими числами фильтров, картинка 224×224 с дополнением 2.
#
# | имя | слой | что выходит | параметры |
# |---|---|---|---:|
# | features.0 | свёртка 11×11, шаг 4, дополнение 2; ReLU, максимум 3×3 с шагом 2 | 64×27×27 | 23 296 |
# | features.3 | свёртка 5×5, дополнение 2; ReLU, максимум 3×3 с шагом 2 | 192×13×13 | 307 392 |
# | features.6 | свёртка 3×3, дополнение 1; ReLU | 384×13×13 | 663 936 |
# | features.8 | свёртка 3×3, дополнение 1; ReLU | 256×13×13 | 884 992 |
# | features.10 | свёртка 3×3, дополнение 1; ReLU, максимум 3×3 с шагом 2 | 256×6×6 | 590 080 |
# | – | адаптивное среднее до `pool_size`×`pool_size` | 256×6×6 | – |
# | classifier.1 | dropout перед слоем, полносвязный, ReLU | 4096 | 37 752 832 |
# | classifier.4 | dropout перед слоем, полносвязный, ReLU | 4096 | 16 781 312 |
# | classifier.6 | полносвязный | 1000 | 4 097 000 |
#
# Вместе 61 100 840, тот же 61 миллион. Имена весов должны совпасть с именами torchvision: `features.0.weight`,
# `classifier.6.bias` и так далее. Числа в именах — номера слоёв в `nn.Sequential`, где ReLU, пулинг и dropout тоже
# считаются. Адаптивное среднее (`nn.AdaptiveAvgPool2d`) позволяет подать картинку другого размера.
#
# Напишите `AlexNet(in_channels=3, num_classes=1000, width=1.0, pool_size=6, dropout=0.5, image_size=224)`. `width`
# умножает числа фильтров и скрытых нейронов (оба раза 4096); на узкой сети мы сравниваем числа. Аргумент
# `image_size` нужен библиотеке для очень маленьких картинок; здесь его можно не трогать.
#
# **Проверяется:**
#
# {{properties:I4b}}

# %% [markdown] lang="en"
# ## I4b. AlexNet as in torchvision ({{points:I4b}} points, about {{minutes:I4b}} minutes)
#
# Who says "AlexNet" today usually means torchvision's network. It is made for one graphics card: no groups, no
# normalisation, other numbers of filters, and 224×224 images with padding 2.
#
# | name | layer | output | parameters |
# |---|---|---|---:|
# | features.0 | convolution 11×11, stride 4, padding 2; ReLU, maximum 3×3 with stride 2 | 64×27×27 | 23,296 |
# | features.3 | convolution 5×5, padding 2; ReLU, maximum 3×3 with stride 2 | 192×13×13 | 307,392 |
# | features.6 | convolution 3×3, padding 1; ReLU | 384×13×13 | 663,936 |
# | features.8 | convolution 3×3, padding 1; ReLU | 256×13×13 | 884,992 |
# | features.10 | convolution 3×3, padding 1; ReLU, maximum 3×3 with stride 2 | 256×6×6 | 590,080 |
# | – | adaptive mean to `pool_size`×`pool_size` | 256×6×6 | – |
# | classifier.1 | dropout before it, dense, ReLU | 4096 | 37,752,832 |
# | classifier.4 | dropout before it, dense, ReLU | 4096 | 16,781,312 |
# | classifier.6 | dense | 1000 | 4,097,000 |
#
# Together 61,100,840, the same 61 million. Names of weights must be torchvision's: `features.0.weight`,
# `classifier.6.bias` and so on. The numbers in them count the layers of an `nn.Sequential`, ReLU, pooling and dropout
# included. The adaptive mean (`nn.AdaptiveAvgPool2d`) lets images of other sizes in.
#
# Write `AlexNet(in_channels=3, num_classes=1000, width=1.0, pool_size=6, dropout=0.5, image_size=224)`. `width`
# multiplies the numbers of filters and hidden units (4096 both times); we compare numbers on a narrow network. The
# library needs the argument `image_size` for very small images; you may leave it alone here.
#
# **What is checked:**
#
# {{properties:I4b}}

# %%
ALEXNET_TORCHVISION = [
    ("картинка / image", (3, 224, 224)),
    ("свёртка 1 / conv 1", (64, 55, 55)),
    ("максимум / maximum", (64, 27, 27)),
    ("свёртка 2 / conv 2", (192, 27, 27)),
    ("максимум / maximum", (192, 13, 13)),
    ("свёртка 3 / conv 3", (384, 13, 13)),
    ("свёртка 4 / conv 4", (256, 13, 13)),
    ("свёртка 5 / conv 5", (256, 13, 13)),
    ("максимум / maximum", (256, 6, 6)),
    ("полносвязный / dense", (4096,)),
    ("полносвязный / dense", (4096,)),
    ("выход / output", (1000,)),
]
draw_blocks(ALEXNET_TORCHVISION, num_in_row=6)

# %% task="I4b"

# %%
describe("AlexNet", AlexNet, (3, 224, 224))

# %% [markdown] lang="ru"
# ## I5. VGG ({{points:I5}} баллов, около {{minutes:I5}} минут)
#
# Simonyan и Zisserman (2014) задали один вопрос — что даёт глубина — и убрали всё лишнее: только свёртки 3×3
# с дополнением 1, только максимум 2×2. Две свёртки 3×3 подряд видят окно 5×5, три видят 7×7, а весов у них
# $2\cdot9C^2 = 18C^2$ против $25C^2$ и $27C^2$ против $49C^2$; и между ними есть ReLU. Как это выходит, нарисовано
# перед ячейкой задания.
#
# В сети пять блоков, за каждым максимум 2×2. Фильтров в блоках 64, 128, 256, 512 и 512, после каждой свёртки ReLU.
# Варианты отличаются числом свёрток в блоках:
#
# | вариант | сеть | свёрток в блоках | параметры |
# |---|---|---|---:|
# | A | VGG-11 | 1 1 2 2 2 | 132 863 336 |
# | B | VGG-13 | 2 2 2 2 2 | 133 047 848 |
# | **D** | **VGG-16** | 2 2 3 3 3 | 138 357 544 |
# | E | VGG-19 | 2 2 4 4 4 | 143 667 240 |
#
# В варианте C столько же свёрток, сколько в D, но последняя в блоках 3–5 имеет ядро 1×1; с D его часто путают, а нам он
# не нужен. За блоками идут адаптивное среднее до `pool_size`×`pool_size`, затем полносвязные слои 4096, 4096
# и `num_classes`; за каждым из первых двух — ReLU и dropout (в нашей AlexNet dropout стоит *перед* слоем).
#
# С `batch_norm=True` между свёрткой и ReLU стоит `nn.BatchNorm2d`; смещения свёрток остаются. У VGG-16 тогда
# 138 365 992 параметра.
#
# Имена весов снова те же, что у torchvision: свёртки в `features` (у VGG-16 от `features.0` до `features.28`,
# ReLU, пулинг и нормировка тоже занимают номера), полносвязные — `classifier.0`, `classifier.3`, `classifier.6`.
#
# Напишите `VGG(config="D", batch_norm=False, in_channels=3, num_classes=1000, width=1.0, pool_size=7, dropout=0.5)`.
# `width` умножает числа фильтров и скрытых нейронов (оба раза 4096); на узкой сети мы сравниваем числа.
#
# **Проверяется:**
#
# {{properties:I5}}

# %% [markdown] lang="en"
# ## I5. VGG ({{points:I5}} points, about {{minutes:I5}} minutes)
#
# Simonyan and Zisserman (2014) asked one question, what depth is good for, and took everything else away: only 3×3
# convolutions with padding 1, only maxima of 2×2. Two 3×3 convolutions in a row see a 5×5 window, three see 7×7, with
# $2\cdot9C^2 = 18C^2$ weights against $25C^2$ and $27C^2$ against $49C^2$; and there is a ReLU between them. How that
# comes about is drawn before the cell of the task.
#
# The network has five blocks, each followed by a maximum of 2×2. The blocks have 64, 128, 256, 512 and 512 filters, and
# a ReLU follows every convolution. Configurations differ in the number of convolutions:
#
# | configuration | network | convolutions in the blocks | parameters |
# |---|---|---|---:|
# | A | VGG-11 | 1 1 2 2 2 | 132,863,336 |
# | B | VGG-13 | 2 2 2 2 2 | 133,047,848 |
# | **D** | **VGG-16** | 2 2 3 3 3 | 138,357,544 |
# | E | VGG-19 | 2 2 4 4 4 | 143,667,240 |
#
# Configuration C has as many convolutions as D, but the last one of blocks 3 to 5 is 1×1; it is often taken for D, and
# we do not need it. After the blocks come the adaptive mean to `pool_size`×`pool_size`, then dense layers of 4096, 4096
# and `num_classes`; each of the first two is followed by ReLU and dropout (in our AlexNet dropout stands *before* it).
#
# With `batch_norm=True` an `nn.BatchNorm2d` stands between convolution and ReLU; convolutions keep their biases. VGG-16
# then has 138,365,992 parameters.
#
# Names of weights are torchvision's again: convolutions in `features` (`features.0` to `features.28` in VGG-16; ReLU,
# pooling and normalisation take numbers too), dense layers `classifier.0`, `classifier.3`, `classifier.6`.
#
# Write `VGG(config="D", batch_norm=False, in_channels=3, num_classes=1000, width=1.0, pool_size=7, dropout=0.5)`.
# `width` multiplies the numbers of filters and hidden units (4096 both times); we compare numbers on a narrow network.
#
# **What is checked:**
#
# {{properties:I5}}

# %%
VGG_16 = [
    ("картинка / image", (3, 224, 224)),
    ("блок 1 / block 1", (64, 224, 224)),
    ("блок 2 / block 2", (128, 112, 112)),
    ("блок 3 / block 3", (256, 56, 56)),
    ("блок 4 / block 4", (512, 28, 28)),
    ("блок 5 / block 5", (512, 14, 14)),
    ("максимум / maximum", (512, 7, 7)),
    ("полносвязный / dense", (4096,)),
    ("полносвязный / dense", (4096,)),
    ("выход / output", (1000,)),
]
draw_blocks(VGG_16, num_in_row=5)

# %% [markdown] lang="ru"
# ### Две свёртки 3×3 против одной 5×5 (без баллов)
#
# Оранжевая рамка — то, от чего зависит одно число последней карты. В клетках — сколько путей ведёт к нему: от одной
# свёртки 5×5 к каждому пикселю по одному, а у двух свёрток 3×3 через среднюю карту к середине поля ведут девять путей,
# к углу один. Поле зрения одинаковое, 5×5.

# %% [markdown] lang="en"
# ### Two 3×3 convolutions against one of 5×5 (no points)
#
# The orange frame holds all that one number of the last map depends on. The cells say how many ways lead to it: with
# one 5×5 convolution one from each pixel, with two of 3×3 nine through the map between them from the middle of the
# field, and one from a corner. The receptive field is the same, 5×5.

# %%
draw_stacks([(5,), (3, 3)], LANG)

# %% [markdown] lang="ru"
# Проверим на слоях: 64 канала, карты 56×56. Весов и умножений у двух свёрток 3×3 на 28 % меньше, чем у одной 5×5,
# у трёх — на 45 % меньше, чем у одной 7×7, а нелинейностей больше. Чем платят: лишнюю карту надо хранить для обратного
# прохода, и слои считаются один за другим.

# %% [markdown] lang="en"
# Let us check it on layers: 64 channels, maps of 56×56. Two 3×3 convolutions have 28 % fewer weights and
# multiplications than one of 5×5, three have 45 % fewer than one of 7×7, and more non-linearities. The price: one more
# map has to be kept for the backward pass, and layers are computed one after the other.


# %%
def stack_of(sides, channels=64):
    """ru: Свёртки channels -> channels с такими ядрами, за каждой ReLU; размер карты сохраняется.
    en: Convolutions channels -> channels with these kernels, a ReLU after each; the size of the map stays.
    """
    layers = [(nn.Conv2d(channels, channels, side, padding=side // 2), nn.ReLU()) for side in sides]
    return nn.Sequential(*(layer for pair in layers for layer in pair))


stacks = {"5×5": (5,), "3×3 + 3×3": (3, 3), "7×7": (7,), "3×3 + 3×3 + 3×3": (3, 3, 3)}
compared = {}
rows = [["свёртки / convolutions", "поле / field", "веса / weights", "MAC", "ReLU"]]
for name, sides in stacks.items():
    stack = stack_of(sides)
    layers = trace(stack, (64, 56, 56))
    field = layers[-1].receptive_field_px[0]
    num_weights = sum(weight.numel() for weight in stack.parameters() if weight.dim() == 4)
    num_macs = sum(layer.num_macs for layer in layers)
    compared[name] = (field, num_weights, num_macs)
    rows.append(
        [name, f"{field}×{field}", words.rounded(num_weights, LANG), words.macs(num_macs, LANG), len(sides)]
    )
print_rows(rows)

# %% [markdown] lang="ru"
# Помогает ли это? Авторы проверили: в варианте B заменили каждую пару свёрток 3×3 одной 5×5, и ошибка top-1 оказалась
# на 7 % выше (Simonyan, Zisserman, 2015, раздел 4.1).

# %% [markdown] lang="en"
# Does it help? The authors tried: in configuration B they put one 5×5 convolution in place of each pair of 3×3, and the
# top-1 error was 7 % higher (Simonyan, Zisserman, 2015, section 4.1).

# %% task="I5"

# %%
describe("VGG-16", VGG, (3, 224, 224))

# %% [markdown] lang="ru"
# **Ошибки VGG.** Чисел и здесь несколько; все — top-5 на ILSVRC, таблицы статьи (Simonyan, Zisserman, 2015):
#
# | top&#8209;5 | чья это ошибка | таблица |
# |---:|---|---|
# | 8,1 % | VGG-16, одна сеть, картинка одного размера (проверочная часть) | 3 |
# | 7,2 % | VGG-16, одна сеть, ответы на трёх размерах и многих вырезах усреднены (проверочная часть) | 5 |
# | 7,3 % | заявка 2014 года, среднее семи сетей, второе место за GoogLeNet с 6,7 % (тестовая часть) | 6 и 7 |
# | 6,8 % | среднее VGG-16 и VGG-19, уже после соревнования (тестовая часть) | 6 |
#
# Там же ответ, зачем VGG отказалась от нормировки отклика: сеть A с ней ошибается в top-1 в 29,7 % случаев, без неё
# в 29,6 % (таблица 3). Сравнивать сети разных статей по одному числу можно, только если и то и другое измерено
# одинаково.

# %% [markdown] lang="en"
# **Errors of VGG.** Here, too, there are several numbers; all are top-5 on ILSVRC, from tables of the paper (Simonyan,
# Zisserman, 2015):
#
# | top&#8209;5 | whose error | table |
# |---:|---|---|
# | 8.1 % | VGG-16, one network, images of one size (validation part) | 3 |
# | 7.2 % | VGG-16, one network, the mean of answers on three sizes and many crops (validation part) | 5 |
# | 7.3 % | the entry of 2014, the mean of seven networks, second to GoogLeNet with 6.7 % (test part) | 6 and 7 |
# | 6.8 % | the mean of VGG-16 and VGG-19, after the competition (test part) | 6 |
#
# The same paper says why VGG has no response normalisation: network A errs in top-1 on 29.7 % with it and on 29.6 %
# without (Table 3). Networks of different papers can be compared by one number only if both were measured in the same
# way.

# %% [markdown] lang="ru"
# ### Шестнадцать лет в одной таблице (без баллов)
#
# Параметры и умножения на одну картинку. От LeNet-5 до VGG-16 параметров стало больше в 2 300 раз, умножений
# в 47 тысяч раз.

# %% [markdown] lang="en"
# ### Sixteen years in one table (no points)
#
# Parameters, and multiplications for one image. From LeNet-5 to VGG-16 parameters have grown 2,300 times, and
# multiplications 47 thousand times.

# %%
def summary_of(name, build, shape):
    """Слои сети, построенной без чисел / The layers of a network that is built without numbers."""
    with torch.device("meta"):
        return Summary(name, shape, trace(build(), shape))


results = [
    summary_of("LeNet-5, 1998", LeNet1998, (1, 32, 32)),
    summary_of("AlexNet, 2012", AlexNet2012, (3, 227, 227)),
    summary_of("VGG-16, 2014", VGG, (3, 224, 224)),
]
rows = [["сеть / network", "параметры / parameters", "MAC"]]
for result in results:
    rows.append([result.model, words.rounded(result.num_parameters, LANG), words.macs(result.num_macs, LANG)])
print_rows(rows)

# %% [markdown] lang="ru"
# Где они? В AlexNet 96 % параметров лежит в трёх полносвязных слоях, а 92 % умножений делают свёртки; в VGG-16 это 89 %
# и 99 %. Вес полносвязного слоя работает на картинке один раз, вес свёртки — в каждом месте карты. Поэтому память
# экономят на полносвязных слоях, а время — на свёртках.

# %% [markdown] lang="en"
# Where are they? In AlexNet 96 % of the parameters lie in three dense layers, and convolutions do 92 % of the
# multiplications; in VGG-16 it is 89 % and 99 %. A weight of a dense layer works once per image, a weight of a
# convolution at each place of the map. So memory is saved on dense layers, and time on convolutions.

# %%
shares = []
for result in results[1:]:
    dense = [layer for layer in result.layers if layer.kind == "Linear"]
    size, work = sum(layer.num_parameters for layer in dense), sum(layer.num_macs for layer in dense)
    shares.append(Shares(result.model, (result.num_parameters - size, size), (result.num_macs - work, work)))
draw_shares(shares, LANG)

# %% [markdown] lang="ru"
# Всё готово? Запустите `hw-cnn check`, затем `hw-cnn submit`.

# %% [markdown] lang="en"
# All done? Run `hw-cnn check`, then `hw-cnn submit`.

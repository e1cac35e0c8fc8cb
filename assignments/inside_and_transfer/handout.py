# %% [markdown] lang="ru"
# # {{title}}
#
# Обученная сеть — это миллионы чисел, и ни одно из них не подписано. В первой половине работы вы заглянете внутрь:
# посмотрите, что выходит из каждого слоя, найдёте, чем возбуждается отдельный канал и какие пиксели решают, к какому
# классу отнести картинку. Во второй половине вы возьмёте то, чему сеть научилась, и примените к задаче, которой её
# не учили: сеть, знающая только цифры от 0 до 4, поможет различать цифры от 5 до 9 по полусотне примеров.
#
# {{tasks}}
#
# **Как проверять себя.** После каждого задания стоит ячейка `hw_cnn.check("L1")`: она запускает открытые тесты на том,
# что написано в этой тетради. То же делает команда `hw-cnn check` в папке с работой; `hw-cnn submit` собирает архив.
# Последней строкой проверка говорит, сколько стоят открытые тесты: «Открытые тесты: 18 из 20 баллов». Баллы, которых
# там не хватает, зависят от свойств, которые видят только скрытые тесты: их проверьте сами.
#
# **Если застряли.** `hw_cnn.hint("L1")` в новой ячейке (или команда `hw-cnn hint L1`) даёт подсказку, каждый вызов —
# ещё одну. Их три на задание: идея, ловушка с примером на бумаге, алгоритм словами. На оценку подсказки не влияют, и
# никто не узнает, сколько вы открыли.
#
# **Как мы оцениваем.** Мы даём вашим функциям маленькие сети со случайными весами и сравниваем ответы с правильными.
# Сети бывают разные: с BatchNorm и dropout, с обходными связями, с вложенными блоками, с картинками не квадратными
# и не одноканальными. Как функция устроена внутри, неважно. Линейную пробу мы судим только по предсказаниям: подойдёт
# любой способ её обучить, лишь бы один вызов укладывался в шесть секунд.
#
# **Одно правило на всю работу.** Тот, кто смотрит на сеть, не должен её менять. После вызова веса, статистики
# BatchNorm и режим каждого слоя те же, что были; хуков и градиентов не остаётся.
#
# Задания независимы: начинайте с любого. Тетрадь — одно пространство имён: вспомогательные функции разных заданий
# назовите по-разному. Разделы без баллов показывают, чему научилась сеть; при проверке их ячейки не выполняются.

# %% [markdown] lang="en"
# # {{title}}
#
# A trained network is millions of numbers, and none of them has a label. In the first half of this homework you look
# inside: you see what comes out of each layer, find what excites a single channel, and which pixels decide about the
# class of an image. In the second half you take what a network has learnt and use it for something it was never taught:
# a network that knows only the digits 0 to 4 will help to tell the digits 5 to 9 apart by some fifty examples.
#
# {{tasks}}
#
# **How to check yourself.** After each task there is a cell `hw_cnn.check("L1")`: it runs the public tests on what
# stands in this notebook. The command `hw-cnn check` does the same in the folder of your work; `hw-cnn submit` packs
# the archive.
# A check's last line says what the public tests are worth: "Open tests: 18 of 20 points". Points that are missing
# there depend on properties that only hidden tests see: check those yourself.
#
# **If you are stuck.** `hw_cnn.hint("L1")` in a new cell (or the command `hw-cnn hint L1`) gives a hint, and one more
# at each call. Each task has three: the idea, a trap with an example on paper, the algorithm in words. Hints do not
# change your mark, and nobody learns how many you have opened.
#
# **How we grade.** We give small networks with random weights to your functions and compare the answers with the right
# ones. The networks differ: with BatchNorm and dropout, with detours, with nested blocks, with images that are neither
# square nor of one channel. How a function works inside does not matter. The linear probe is judged by its predictions
# alone: any way to fit it will do, as long as one call takes less than six seconds.
#
# **One rule for all tasks.** Who looks at a network must not change it. After a call the weights, the statistics of
# BatchNorm and the mode of each layer are what they were; no hooks and no gradients are left.
#
# Tasks do not depend on each other: begin where you like. A notebook is one namespace: give helpers of different tasks
# different names. Sections without points show what the network has learnt; their cells are not run when we grade.

# %%
# %matplotlib inline
from collections import OrderedDict

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

import hw_cnn
from hw_cnn.data import load_digits
from hw_cnn.interpret import embedding_map, grad_cam, gradients, preserved, receptive_field
from hw_cnn.interpret.figures import canvas, words
from hw_cnn.interpret.figures.activations import draw_outputs
from hw_cnn.interpret.figures.blocks import draw_blocks
from hw_cnn.interpret.figures.embedding_map import draw_embedding
from hw_cnn.interpret.figures.filters import draw_filters
from hw_cnn.interpret.figures.grad_cam import draw_grad_cam
from hw_cnn.interpret.figures.gradients import draw_attributions
from hw_cnn.interpret.figures.occlusion import draw_occlusion
from hw_cnn.interpret.figures.patches import Row, draw_patches
from hw_cnn.interpret.figures.receptive_field import Field, draw_fields

# %% lang="ru"
LANG = "ru"  # язык подписей на рисунках

# %% lang="en"
LANG = "en"  # the language of captions

# %% [markdown] lang="ru"
# ## Сеть, в которую мы смотрим
#
# Возьмём маленькую свёрточную сеть и за несколько секунд научим её цифрам от 0 до 4. Цифр от 5 до 9 она не увидит:
# они понадобятся во второй половине. Имена слоёв здесь придуманы нами, у вложенных блоков имя составное, через точку:
# слой `conv` внутри `features` зовётся `features.conv`. Все имена перечисляет `model.named_modules()`.
#
# | имя | слой | что выходит | параметры | одно число видит |
# |---|---|---|---:|---|
# | conv1 | свёртка 5×5; за ней relu1 | 8×24×24 | 208 | 5×5 пикселей |
# | pool1 | максимум 2×2 | 8×12×12 | – | 6×6 |
# | conv2 | свёртка 5×5; за ней relu2 | 24×8×8 | 4 824 | 14×14 |
# | pool2 | максимум 2×2; за ним flat | 24×4×4 | – | 16×16 |
# | last | полносвязный | 5 | 1 925 | всю картинку |
#
# Вместе около 7 тысяч параметров.

# %% [markdown] lang="en"
# ## The network that we look into
#
# We take a small convolutional network and teach it the digits 0 to 4 in a few seconds. It will not see the digits 5 to
# 9: they are for the second half. We chose the names of the layers here; inside of blocks names have dots: the layer
# `conv` of `features` is called `features.conv`. `model.named_modules()` lists all names.
#
# | name | layer | output | parameters | one number sees |
# |---|---|---|---:|---|
# | conv1 | convolution 5×5; relu1 behind it | 8×24×24 | 208 | 5×5 pixels |
# | pool1 | maximum 2×2 | 8×12×12 | – | 6×6 |
# | conv2 | convolution 5×5; relu2 behind it | 24×8×8 | 4,824 | 14×14 |
# | pool2 | maximum 2×2; flat behind it | 24×4×4 | – | 16×16 |
# | last | dense | 5 | 1,925 | the whole image |
#
# Together about 7 thousand parameters.

# %%
NET = [
    ("картинка / image", (1, 28, 28)),
    ("conv1", (8, 24, 24)),
    ("pool1", (8, 12, 12)),
    ("conv2", (24, 8, 8)),
    ("pool2", (24, 4, 4)),
    ("flat", (384,)),
    ("last", (5,)),
]
draw_blocks(NET)

# %%
MEAN, STD = 0.1307, 0.3081


def prepare(pictures):
    """Картинки uint8 (N, 28, 28) -> вход сети / uint8 images (N, 28, 28) -> what the network takes."""
    return (pictures[:, None].float() / 255 - MEAN) / STD


digits, digit_labels = load_digits("train")
known = digit_labels < 5
pixels, names = prepare(digits[known]), digit_labels[known]

torch.manual_seed(0)
net = nn.Sequential(
    OrderedDict(
        conv1=nn.Conv2d(1, 8, 5),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(8, 24, 5),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        flat=nn.Flatten(),
        last=nn.Linear(384, 5),
    )
)
optimizer = torch.optim.Adam(net.parameters(), 1e-3)
for _ in range(6):
    for batch in torch.randperm(len(names)).split(64):
        optimizer.zero_grad()
        F.cross_entropy(net(pixels[batch]), names[batch]).backward()
        optimizer.step()
net.eval()
optimizer.zero_grad()

test_digits, test_labels = load_digits("test")
seen = test_labels < 5
with torch.no_grad():
    right = net(prepare(test_digits[seen])).argmax(1) == test_labels[seen]
known_accuracy = float(right.float().mean())
print("точность на цифрах от 0 до 4: / accuracy on the digits 0 to 4:", words.percent(known_accuracy, LANG))

# %% [markdown] lang="ru"
# ## L1. Выходы слоёв ({{points:L1}} баллов, около {{minutes:L1}} минут)
#
# Сеть отдаёт только ответ последнего слоя. Чтобы увидеть остальное, не переписывая `forward`, в torch есть **хуки**:
# функции, которые слой вызывает сам, когда отработал.
#
# ```python
# def hook(module, inputs, output):
#     ...  # output — то, что слой сейчас вернул
#
# handle = layer.register_forward_hook(hook)
# model(images)
# handle.remove()
# ```
#
# Пройти слои по очереди самому не получится: сеть не обязана быть цепочкой, данные могут идти и в обход слоя. Знает
# путь только её `forward`, а хук работает при любом.
#
# Напишите `layer_outputs(model, images, names)`: словарь «имя слоя → его выход» для слоёв `names`. Ловушки:
#
# - **Хук остаётся в сети**, пока его не снимут, и срабатывает при каждом вызове. Снимайте и тогда, когда `forward`
#   остановился с ошибкой: для этого есть `finally`.
# - **Выход может измениться после хука**: `nn.ReLU(inplace=True)` пишет ответ поверх своего входа, то есть поверх
#   выхода предыдущего слоя. Храните копию.
# - **Граф вычислений** держит в памяти все промежуточные числа. Для просмотра он не нужен.
# - **Режим.** В режиме обучения dropout зануляет числа наугад, а BatchNorm *меняет свои статистики при каждом вызове*,
#   и `no_grad` этому не мешает. Переведите сеть в режим проверки, а потом верните каждому слою его собственный режим:
#   они могли быть разными (BatchNorm при дообучении часто замораживают).
#
# Имя, которого в сети нет, и слой, который в этот раз не работал, — это `ValueError`.
#
# **Проверяется:**
#
# {{properties:L1}}

# %% [markdown] lang="en"
# ## L1. Outputs of layers ({{points:L1}} points, about {{minutes:L1}} minutes)
#
# A network gives only the answer of its last layer. To see the rest without writing `forward` anew, torch has
# **hooks**: functions that a layer calls by itself when it has done its work.
#
# ```python
# def hook(module, inputs, output):
#     ...  # output is what the layer has just returned
#
# handle = layer.register_forward_hook(hook)
# model(images)
# handle.remove()
# ```
#
# Going through the layers one by one yourself will not do: a network need not be a chain, data may take a detour around
# a layer. Only its `forward` knows the way, and a hook works with any.
#
# Write `layer_outputs(model, images, names)`: a dict "name of a layer → its output" for the layers `names`. The traps:
#
# - **A hook stays in the network** until it is removed, and answers at every call. Remove it also when `forward` stops
#   with an error: `finally` is made for that.
# - **The output may change after the hook**: `nn.ReLU(inplace=True)` writes its answer over its input, that is, over
#   the output of the layer before. Keep a copy.
# - **The graph of the computation** holds all numbers in between in memory. Looking does not need it.
# - **The mode.** In training mode dropout silences numbers at random, and BatchNorm *changes its statistics at every
#   call*, which `no_grad` does not prevent. Put the network into evaluation mode, and give each layer its own mode back
#   afterwards: they may have differed (BatchNorm is often frozen in fine-tuning).
#
# A name that the network does not have, and a layer that did not run this time, are a `ValueError`.
#
# **What is checked:**
#
# {{properties:L1}}

# %% task="L1"

# %% [markdown] lang="ru"
# Вот что слои делают из одной цифры. Первая свёртка находит края; чем дальше, тем меньше карта похожа на цифру.

# %% [markdown] lang="en"
# Here is what the layers make of one digit. The first convolution finds edges; the farther in, the less a map looks
# like the digit.

# %%
example = test_digits[test_labels == 4][:1]
outputs = layer_outputs(net, prepare(example), ["conv1", "pool1", "conv2", "pool2"])
draw_outputs(example.float() / 255, {name: output[0] for name, output in outputs.items()}, LANG)

# %% [markdown] lang="ru"
# ### Откуда это взялось (без баллов)
#
# Восемь фильтров первой свёртки. У многих одна сторона положительная, другая отрицательная: такой отвечает на край,
# который идёт между ними. А сколько картинки видит одно число слоя? Рамка — то, от чего зависит число в середине карты;
# рецептивное поле растёт с каждой свёрткой и с каждым пулингом.

# %% [markdown] lang="en"
# ### Where this comes from (no points)
#
# The eight filters of the first convolution. Many have one positive and one negative side, and answer to an edge that
# runs between them. And how much of the image does one number of a layer see? The frame holds all that a number in the
# middle of the map depends on; the receptive field grows with each convolution and each pooling.

# %%
draw_filters(net.conv1.weight, "conv1", LANG)

# %%
fields = []
for name, shape in NET[1:5]:
    middle = shape[1] // 2
    fields.append(Field(name, receptive_field.locate(net, name, (1, 28, 28)).box(middle, middle)))
draw_fields(example.float() / 255, fields, LANG)

# %% [markdown] lang="ru"
# ## L2. На что смотрит сеть ({{points:L2}} баллов, около {{minutes:L2}} минут)
#
# Три вопроса к готовой сети. Во всех трёх нас интересует **логит** класса, то есть число до softmax: вероятность
# зависит ещё и от остальных классов и почти не меняется, когда сеть уверена. Режим проверки и возвращение прежних
# режимов вы написали в L1; дальше можно брать готовое: `with preserved.evaluating(model):`.
#
# **1. Без чего она не обойдётся?** Закроем квадрат $w\times w$ с верхним левым углом $(i, j)$ числом `fill` во всех
# каналах и посмотрим, на сколько упал логит $f_y$; это **карта окклюзии** (Zeiler и Fergus, 2013):
#
# $$M_{ij} = f_y(x) - f_y(x \text{ с закрытым квадратом}).$$
#
# Где закрыли улику, там $M > 0$. Квадрат ходит с шагом `stride` и берёт все положения, где помещается *целиком*:
# по высоте их $\lfloor (H - w)/s \rfloor + 1$. Копии картинки подавайте в сеть не по одной, а по `batch_size` штук.
#
# `occlusion_map(model, image, label, window, stride=1, fill=0.0, batch_size=256)`: картинка (C, H, W), ответ (H', W').
#
# **2. Какой пиксель сдвинет ответ?** Это производная (Simonyan, Vedaldi и Zisserman, 2013):
#
# $$S = \partial f_y(x) / \partial x.$$
#
# Градиент нужен по *картинке*, не по весам, и со знаком: плюс значит «ярче — увереннее». У каждой картинки батча свой
# класс `labels[i]`. Не дифференцируйте функцию потерь: она падает, когда логит растёт, и знак перевернётся.
# `backward()` к тому же складывает градиенты в веса, где их найдёт следующий шаг обучения.
#
# `saliency(model, images, labels)`: картинки (N, C, H, W), ответ того же размера.
#
# **3. Что возбуждает канал?** Возьмём канал `channel` слоя `layer` и найдём k картинок, на которых он отвечает
# сильнее всего; на каждой картинке считается только самое сильное место (из равных — первое по порядку чтения).
# Покажем не всю картинку, а то, что это место видит: его **рецептивное поле**, вырезанное точно, с нулями там, где
# оно заходит за край.
#
# Размер поля и его место посчитает библиотека (она прогонит сеть ещё раз, и ваш хук, если он не снят, сработает снова):
#
# ```python
# geometry = receptive_field.locate(model, layer, input_shape=(1, 28, 28))
# geometry.field_px                 # высота и ширина поля
# geometry.jump_px                  # на сколько пикселей сдвинуто поле соседнего числа
# geometry.start_px                 # верх и лево поля числа (0, 0); бывает меньше нуля
# geometry.box(row, column)         # (верх, лево, низ, право); низ и право не входят
# ```
#
# `top_patches(model, images, layer, channel, k)` возвращает `TopPatches(values, indices, corners, patches)`: отклики
# от сильного к слабому (k), номера картинок (k), верхние левые углы (k, 2) и сами фрагменты (k, C, h, w).
#
# **Проверяется:**
#
# {{properties:L2}}

# %% [markdown] lang="en"
# ## L2. What the network looks at ({{points:L2}} points, about {{minutes:L2}} minutes)
#
# Three questions to a finished network. All three are about the **logit** of a class, the number before softmax: a
# probability also depends on the other classes, and hardly moves when the network is sure. You wrote evaluation mode
# and the way back in L1; from here on you may take what the library has: `with preserved.evaluating(model):`.
#
# **1. What can it not do without?** Cover a square of $w\times w$ with its upper left corner at $(i, j)$ by the number
# `fill`, in all channels, and see how far the logit $f_y$ falls: the **occlusion map** (Zeiler and Fergus, 2013):
#
# $$M_{ij} = f_y(x) - f_y(x \text{ with the square covered}).$$
#
# Where evidence was covered $M > 0$. The square moves with `stride` and takes all positions where it fits *as a
# whole*: down there are $\lfloor (H - w)/s \rfloor + 1$. Give the copies of the image to the network by `batch_size`,
# not one by one.
#
# `occlusion_map(model, image, label, window, stride=1, fill=0.0, batch_size=256)`: image (C, H, W), answer (H', W').
#
# **2. Which pixel would move the answer?** That is the derivative (Simonyan, Vedaldi and Zisserman, 2013):
#
# $$S = \partial f_y(x) / \partial x.$$
#
# The gradient is wanted with respect to the *image*, not the weights, and with its sign: plus means "brighter is
# surer". Each image of a batch has a class of its own, `labels[i]`. Do not differentiate the loss: it falls when the
# logit grows, and the sign turns round. Besides, `backward()` adds gradients to the weights, where the next training
# step would find them.
#
# `saliency(model, images, labels)`: images (N, C, H, W), answer of the same size.
#
# **3. What excites a channel?** Take the channel `channel` of the layer `layer` and find the k images to which it
# answers most strongly; in each image only the strongest place counts (of equal ones the first in reading order). Show
# not the whole image but what this place sees: its **receptive field**, cropped exactly, with zeros where it leaves the
# image.
#
# The library computes the size and the place of the field (it runs the network once more, and a hook of yours that is
# still there answers again):
#
# ```python
# geometry = receptive_field.locate(model, layer, input_shape=(1, 28, 28))
# geometry.field_px                 # height and width of the field
# geometry.jump_px                  # by how many pixels the next number's field is moved
# geometry.start_px                 # top and left of the field of number (0, 0), or below 0
# geometry.box(row, column)         # (top, left, bottom, right); bottom and right are excluded
# ```
#
# `top_patches(model, images, layer, channel, k)` gives `TopPatches(values, indices, corners, patches)`: answers from
# strong to weak (k), numbers of the images (k), upper left corners (k, 2) and the patches (k, C, h, w).
#
# **What is checked:**
#
# {{properties:L2}}

# %% task="L2"

# %% [markdown] lang="ru"
# Что закрывать нельзя. Красным — места, без которых логит верного класса падает, синим — без которых растёт. Закрываем
# фоном: у подготовленных картинок чёрный цвет — это не ноль, а $-0{,}42$.

# %% [markdown] lang="en"
# What must not be covered. Red are places without which the logit of the right class falls, blue those without which it
# grows. We cover with background: in prepared images black is not zero but $-0.42$.

# %%
chosen = [int((test_labels == name).nonzero()[0]) for name in range(5)]
some, some_labels = test_digits[chosen], test_labels[chosen]
maps = [
    occlusion_map(net, image, int(label), window=5, fill=-MEAN / STD)
    for image, label in zip(prepare(some), some_labels, strict=True)
]
draw_occlusion(
    some[:, None].float() / 255, maps, [str(int(name)) for name in some_labels], window=5, lang=LANG
)

# %% [markdown] lang="ru"
# Градиент пёстрый: соседние пиксели сеть почти не различает, а производная резкая. Его сглаживают: **SmoothGrad**
# усредняет градиенты картинок с шумом, **интегральные градиенты** складывают их по пути от чёрной картинки к данной;
# их сумма по пикселям равна разности логитов. Оба есть в библиотеке (`hw_cnn/interpret/gradients.py`), а сам градиент
# считает ваша функция.

# %% [markdown] lang="en"
# The gradient is a patchwork: the network hardly tells neighbouring pixels apart, but the derivative is sharp. So it
# gets smoothed: **SmoothGrad** averages gradients of images with noise, **integrated gradients** add them up on the way
# from a black image to the one given; over all pixels they sum up to the difference of the logits. The library has
# both (`hw_cnn/interpret/gradients.py`), and your function computes each gradient.

# %%
inputs = prepare(some)
attributions = {
    "saliency": saliency(net, inputs, some_labels),
    "smooth_grad": gradients.smooth_grad(net, inputs, some_labels, gradient_of=saliency),
    "integrated_gradients": gradients.integrated_gradients(
        net, inputs, some_labels, baseline=-MEAN / STD, gradient_of=saliency
    ),
}
draw_attributions(some[:, None].float() / 255, attributions, [str(int(name)) for name in some_labels], LANG)

# %% [markdown] lang="ru"
# Что ищут каналы второй свёртки. Поле у неё 14×14 пикселей, поэтому видны куски цифр: дуги, углы, концы штрихов.

# %% [markdown] lang="en"
# What the channels of the second convolution look for. Its field is 14×14 pixels, so parts of digits can be seen: arcs,
# corners, ends of strokes.

# %%
pictures = test_digits[seen]
rows = []
for channel in range(5):
    found = top_patches(net, prepare(pictures), "conv2", channel, 8)
    field = found.patches.shape[-2:]
    top, left = found.corners[0].tolist()
    rows.append(
        Row(
            channel,
            found.patches * STD + MEAN,
            found.values.tolist(),
            pictures[found.indices[0]][None].float() / 255,
            (top, left, top + field[0], left + field[1]),
        )
    )
draw_patches(rows, "conv2", LANG)

# %% [markdown] lang="ru"
# ### Готовый приём: Grad-CAM
#
# Градиент по пикселям пёстрый, а карты последней свёртки уже знают, где что. **Grad-CAM** (Selvaraju и др., 2016)
# спрашивает, какие из её карт $A^k$ нужны классу $y$, и складывает их с этими весами:
#
# $$\alpha_k = \frac1{hw} \sum_{i,j} \frac{\partial f_y}{\partial A^k_{ij}},
# \qquad L = \operatorname{ReLU}\Bigl(\sum_k \alpha_k A^k\Bigr).$$
#
# Здесь всё, что вы только что писали: хук, который хранит карты, и градиент логита — только не по картинке, а по
# картам. Его считает ваша `saliency`: часть сети за слоем — тоже сеть, и картинки для неё — карты. Как это устроено,
# видно в `hw_cnn/interpret/grad_cam.py`: там около ста строк.
#
# Градиент усредняется по всей карте, как будто сеть и сама её усредняет перед ответом. Наша сеть этого не делает: её
# последний слой взвешивает каждое место отдельно. Поэтому с картой окклюзии Grad-CAM согласен не везде, и верить
# одной картинке не стоит.

# %% [markdown] lang="en"
# ### Ready-made: Grad-CAM
#
# A gradient by pixels is a patchwork, while the maps of the last convolution already know what is where. **Grad-CAM**
# (Selvaraju et al., 2016) asks which of its maps $A^k$ the class $y$ needs, and adds them up with these weights:
#
# $$\alpha_k = \frac1{hw} \sum_{i,j} \frac{\partial f_y}{\partial A^k_{ij}},
# \qquad L = \operatorname{ReLU}\Bigl(\sum_k \alpha_k A^k\Bigr).$$
#
# It is made of what you have just written: a hook that keeps the maps, and the gradient of a logit, only by the maps
# and not by the image. Your `saliency` computes it: what lies behind a layer is a network too, and takes maps for
# images. `hw_cnn/interpret/grad_cam.py` shows how, in about a hundred lines.
#
# The gradient is averaged over the whole map, as if the network itself averaged it before it answers. Ours does not:
# its last layer weighs each place by itself. So Grad-CAM does not agree with occlusion everywhere, and one
# picture alone is not to be trusted.

# %%
cams = grad_cam.grad_cam(net, inputs, some_labels, "relu2", gradient_of=saliency)
# ru: Число карты относится к середине своего поля, поэтому карта не доходит до края картинки.
# en: A number of the map belongs to the middle of its field: the map does not reach the border of the image.
geometry = receptive_field.locate(net, "relu2", (1, 28, 28))
first, step = (geometry.field_px[0] - geometry.jump_px[0]) / 2, geometry.jump_px[0]
last = first + step * cams.shape[-1]
titles = [str(int(name)) for name in some_labels]
draw_grad_cam(some[:, None].float() / 255, cams, titles, "relu2", LANG, place=(first, first, last, last))

# %% [markdown] lang="ru"
# ## M1. Признаки и линейная проба ({{points:M1}} баллов, около {{minutes:M1}} минут)
#
# В 2014 году статья «CNN Features off-the-shelf: an Astounding Baseline for Recognition» (Razavian и др.,
# arXiv:1403.6382) показала простую вещь: возьмите сеть, обученную на ImageNet, отрежьте последний слой, и числа,
# которые в него входили, окажутся отличными признаками для *другой* задачи. Птицы, цветы, интерьеры: линейный
# классификатор поверх готовых признаков обошёл почти всё, что строили годами. Так работают до сих пор.
#
# **`embed(model, loader, layer=None, l2=True, progress=False)`** проходит загрузчик, который отдаёт пары
# (картинки, метки), и возвращает признаки (N, d) и метки (N).
#
# - Без `layer` признаки — это *вход последнего `nn.Linear`* сети. Не логиты и тем более не вероятности: в них осталось
#   только то, что нужно старой задаче. С именем слоя признаки — его выход, вытянутый в строку.
# - **Один проход.** Загрузчик может перемешивать, и второй проход пойдёт в другом порядке: признаки и метки разойдутся.
# - **Режим проверки.** В режиме обучения признаки картинки зависели бы от соседей по батчу, а статистики BatchNorm
#   поплыли бы.
# - При `l2=True` каждую строку делим на её длину, как в статье; нулевая остаётся нулевой. `progress` нужен
#   библиотеке для полоски выполнения, можете его не использовать.
#
# **`linear_probe(train_features, train_labels, test_features, weight_decays=(...), seed=0)`** — логистическая регрессия
# на признаках. Возвращает `Probe(predictions, weight_decay, val_accuracy)`. Тестовых меток функция не видит.
#
# 1. Приведите признаки к нулевому среднему и единичному отклонению. Среднее и отклонение — часть модели: **берутся они
#    с обучающих строк**, а к тестовым только применяются. Признак без разброса не делите на ноль.
# 2. Отложите пятую часть обучающих строк, в каждом классе поровну, на остальных обучите по пробе на каждое значение
#    weight decay и возьмите то, с которым точность на отложенных выше. Минимизируйте среднюю по строкам
#    кросс-энтропию плюс $\frac\lambda2 \lVert W \rVert^2$; смещения не штрафуются.
# 3. С выбранным $\lambda$ обучите пробу заново на **всех** обучающих строках и предскажите классы тестовых.
#
# Задача выпуклая: `torch.optim.LBFGS` по всем строкам сразу сходится за доли секунды. Метки — любые целые числа,
# не обязательно от нуля подряд.
#
# **Проверяется:**
#
# {{properties:M1}}

# %% [markdown] lang="en"
# ## M1. Features and a linear probe ({{points:M1}} points, about {{minutes:M1}} minutes)
#
# In 2014 the paper "CNN Features off-the-shelf: an Astounding Baseline for Recognition" (Razavian et al.,
# arXiv:1403.6382) showed a simple thing: take a network trained on ImageNet, cut off its last layer, and the numbers
# that went into it are excellent features for *another* task. Birds, flowers, rooms: a linear classifier on ready-made
# features beat nearly everything that had been built for years. People work like that to this day.
#
# **`embed(model, loader, layer=None, l2=True, progress=False)`** goes through a loader that gives pairs
# (images, labels), and returns features (N, d) and labels (N).
#
# - Without `layer` the features are the *input of the last `nn.Linear`* of the network. Not the logits, still less the
#   probabilities: all that is left there is what the old task needs. With the name of a layer they are its output,
#   flattened.
# - **One pass.** The loader may shuffle, and a second pass goes in another order: features and labels would part.
# - **Evaluation mode.** In training mode the features of an image would depend on the others of the batch, and the
#   statistics of BatchNorm would drift.
# - With `l2=True` divide each row by its length, as in the paper; a row of zeros stays as it is. The library needs
#   `progress` for a progress bar; you need not use it.
#
# **`linear_probe(train_features, train_labels, test_features, weight_decays=(...), seed=0)`** is logistic regression on
# features. It returns `Probe(predictions, weight_decay, val_accuracy)`. The function sees no labels of the test.
#
# 1. Bring the features to mean zero and deviation one. Mean and deviation are part of the model: they **come from the
#    training rows** and are only applied to those of the test. Do not divide a feature without spread by zero.
# 2. Set a fifth of the training rows aside, the same share of each class, fit a probe to the others for each value of
#    weight decay, and take the one with the highest accuracy on the rows set aside. Minimise cross-entropy, averaged
#    over rows, plus $\frac\lambda2 \lVert W \rVert^2$; biases are not penalised.
# 3. With the chosen $\lambda$ fit the probe again to **all** training rows and predict the classes of the test rows.
#
# The problem is convex: `torch.optim.LBFGS` on all rows at once converges within fractions of a second. Labels are any
# integers, not necessarily from zero on.
#
# **What is checked:**
#
# {{properties:M1}}

# %% task="M1"

# %% [markdown] lang="ru"
# **Числа из статьи.** Признаки там — 4 096 чисел из сети OverFeat, длина каждой строки приведена к единице, поверх —
# линейный SVM; обучающие картинки размножены вырезами и поворотами. Доля верных ответов (рисунок 1 статьи): 69,0 % на
# 67 видах помещений (MIT-67), 61,8 % на 200 видах птиц (CUB), 86,8 % на 102 видах цветов (Oxford Flowers).
#
# Теперь наша сеть: цифр от 5 до 9 она не видела. Сколько размеченных примеров нужно, чтобы их различать: по пикселям
# и по её признакам? По пятидесяти примерам признаки дают около 90 % верных ответов, пиксели — меньше 80 %.

# %% [markdown] lang="en"
# **Numbers of the paper.** Its features are 4,096 numbers of the network OverFeat, each row brought to length one, with
# a linear SVM on top; training images are multiplied by crops and turns. Right answers (figure 1 of the paper): 69.0 %
# on 67 kinds of rooms (MIT-67), 61.8 % on 200 kinds of birds (CUB), 86.8 % on 102 kinds of flowers (Oxford Flowers).
#
# Now our network: it has never seen the digits 5 to 9. How many labelled examples are needed to tell them apart: by
# pixels, and by its features? With fifty examples features give about 90 % right answers, and pixels less than 80 %.


# %%
def loader_of(pictures, labels):
    """Батчи по 256, по порядку / Batches of 256, in order."""
    return DataLoader(TensorDataset(prepare(pictures), labels), batch_size=256)


new = digit_labels >= 5
new_test = test_labels >= 5
train_features, train_labels = embed(net, loader_of(digits[new], digit_labels[new]))
test_features, new_labels = embed(net, loader_of(test_digits[new_test], test_labels[new_test]))
train_pixels, test_pixels = (prepare(x).flatten(1) for x in (digits[new], test_digits[new_test]))


def some_of_each(count, seed):
    """Номера count обучающих строк, классов поровну / Numbers of count training rows, as many of each class."""
    order = torch.randperm(len(train_labels), generator=torch.Generator().manual_seed(seed))
    return torch.cat([order[train_labels[order] == name][: count // 5] for name in range(5, 10)])


def probed(train, test, rows):
    """Точность пробы, обученной на строках rows / Accuracy of a probe fitted to the rows `rows`."""
    probe = linear_probe(train[rows], train_labels[rows], test)
    return float((probe.predictions == new_labels).float().mean())


counts = (25, 50, 100, 250)
shares = {}
for what, train, test in (
    ("пиксели / pixels", train_pixels, test_pixels),
    ("признаки / features", train_features, test_features),
):
    shares[what] = [probed(train, test, some_of_each(count, count)) for count in counts]

figure, axes = plt.subplots(figsize=(6.5, 3.6))
for what, values in shares.items():
    axes.plot(counts, [100 * value for value in values], "o-", label=what)
    print(
        f"{what:<10}",
        *(f"{count}: {words.percent(value, LANG)}" for count, value in zip(counts, values, strict=True)),
        sep="  ",
    )
axes.set_xscale("log")
axes.set_xticks(counts, counts)
axes.minorticks_off()
axes.yaxis.set_major_formatter(canvas.number_formatter(LANG))
axes.set_xlabel("размеченных примеров / labelled examples")
axes.set_ylabel("верных ответов, % / right answers, %")
axes.grid(axis="y", alpha=0.4)
axes.legend()
plt.show()

# %% [markdown] lang="ru"
# ### Из какого слоя брать признаки (без баллов)
#
# Первые слои видят края, общие для всех задач, последние уже заточены под старую. Угадайте, где лучше всего, и только
# потом запустите ячейку: по пятьдесят размеченных примеров, среднее трёх выборок.

# %% [markdown] lang="en"
# ### Which layer to take features from (no points)
#
# The first layers see edges, which all tasks share, the last ones are already cut for the old task. Guess which is
# best, and only then run the cell: fifty labelled examples, mean of three draws.

# %%
by_layer = {"пиксели / pixels": (train_pixels, test_pixels)}
for layer in ("conv1", "pool1", "conv2", "pool2", "last"):
    parts = ((digits[new], digit_labels[new]), (test_digits[new_test], test_labels[new_test]))
    by_layer[layer] = tuple(embed(net, loader_of(*part), layer)[0] for part in parts)
means = [sum(probed(*pair, some_of_each(50, seed)) for seed in range(3)) / 3 for pair in by_layer.values()]
figure, axes = plt.subplots(figsize=(6.5, 3))
bars = axes.bar(by_layer.keys(), [100 * mean for mean in means], color="#8fb3da")
axes.bar_label(bars, [words.percent(mean, LANG) for mean in means])
axes.set_ylim(0, 105)
axes.set_ylabel("верных ответов, % / right answers, %")
plt.show()

# %% [markdown] lang="ru"
# Лучше всех `pool2`, вход последнего слоя: его и берёт `embed` без `layer`. А `last`, пять логитов, хуже пикселей: там
# осталось только то, чем отличаются друг от друга цифры от 0 до 4. Вот признаки новых цифр на плоскости двух главных
# компонент: шестёрки и семёрки уже лежат порознь, хотя никто сети о них не говорил, а пятёрки, восьмёрки и девятки на
# этой плоскости ещё перекрываются.

# %% [markdown] lang="en"
# The best is `pool2`, the input of the last layer: `embed` without `layer` takes it. And `last`, five logits, is worse
# than pixels: all that is left there is what tells the digits 0 to 4 apart. Here are the features of the new digits in
# the plane of two principal components: sixes and sevens lie apart already, though nobody told the network about them;
# fives, eights and nines still overlap in this plane.

# %%
plane = embedding_map.pca(test_features)
classes = [str(name) for name in range(5, 10)]
draw_embedding(plane.coordinates, new_labels - 5, classes, plane.explained_ratio.tolist(), LANG)

# %% [markdown] lang="ru"
# ## M2. Поиск похожих ({{points:M2}} баллов, около {{minutes:M2}} минут)
#
# Для поиска учить ничего не надо: похожие картинки — те, чьи признаки смотрят в одну сторону. Сторону, а не длину,
# сравнивает косинус:
#
# $$\cos(a, b) = \frac{\langle a, b\rangle}{\lVert a\rVert\,\lVert b\rVert}.$$
#
# Напишите `nearest(features, queries, k)`: признаки (N, d), номера строк-запросов (Q), ответ — номера k ближайших строк
# (Q, k), от ближней к дальней. Самого запроса среди ответов быть не должно, а вот копия запроса в *другой* строке —
# законный сосед: поэтому «выбросить первый столбец» недостаточно. Из равных первым идёт меньший номер; обычная
# сортировка и `topk` этого не обещают. Косинус с нулевой строкой считаем нулём.
#
# **Проверяется:**
#
# {{properties:M2}}

# %% [markdown] lang="en"
# ## M2. Finding what is alike ({{points:M2}} points, about {{minutes:M2}} minutes)
#
# Searching needs no training: images are alike when their features point the same way. The way and not the length is
# what the cosine compares:
#
# $$\cos(a, b) = \frac{\langle a, b\rangle}{\lVert a\rVert\,\lVert b\rVert}.$$
#
# Write `nearest(features, queries, k)`: features (N, d), row numbers of the queries (Q), and the answer holds the
# numbers of the k nearest rows (Q, k), from the nearest on. The query itself must not be among them, but a copy of it
# in *another* row is a neighbour like any other: so it is not enough to drop the first column. Of equal ones the
# smaller number comes first; ordinary sorting and `topk` do not promise that. The cosine with a row of zeros counts
# as zero.
#
# **What is checked:**
#
# {{properties:M2}}

# %% task="M2"

# %% [markdown] lang="ru"
# Слева запрос, справа соседи по признакам сети, которая ни одной такой цифры не видела; красным подписаны чужие. Если
# каждую тестовую цифру по очереди сделать запросом, из восьми соседей той же цифрой окажется 91 % по признакам и 85 %
# по пикселям.

# %% [markdown] lang="en"
# The query is on the left, its neighbours on the right, by the features of a network that has seen no such digit; those
# of another class are named in red. With each test digit as the query in turn, 91 % of its eight neighbours are the
# same digit by features, and 85 % by pixels.

# %%
queries = torch.tensor([int((new_labels == name).nonzero()[3]) for name in range(5, 10)])
neighbours = nearest(test_features, queries, 8)
figure, axes = plt.subplots(5, 9, figsize=(9, 6), layout="constrained")
for row, query, found in zip(axes, queries, neighbours, strict=True):
    for axis, number in zip(row, [query, *found], strict=True):
        axis.imshow(test_digits[new_test][number], cmap="gray")
        is_wrong = new_labels[number] != new_labels[query]
        axis.set_title(int(new_labels[number]), fontsize=9, color="tab:red" if is_wrong else "black")
        axis.axis("off")
for axis, name in ((axes[0, 0], "запрос / query"), (axes[0, 1], "соседи / neighbours")):
    axis.set_title(f"{name}: {axis.get_title()}", fontsize=9)
plt.show()

every = torch.arange(len(new_labels))
alike = {}
for what, rows in (("признаки / features", test_features), ("пиксели / pixels", test_pixels)):
    alike[what] = float((new_labels[nearest(rows, every, 8)] == new_labels[:, None]).float().mean())
    print(f"{what:<10}", words.percent(alike[what], LANG))

# %% [markdown] lang="ru"
# Всё готово? Запустите `hw-cnn check`, затем `hw-cnn submit`.

# %% [markdown] lang="en"
# All done? Run `hw-cnn check`, then `hw-cnn submit`.

"""ru: Открытые тесты M1: признаки, которые считаются на бумаге, и пробы на данных, где ответ известен.
en: Public tests of M1: features by hand, and probes on data whose answer is known.
"""

from __future__ import annotations

import torch

from autograder.testing import as_number, as_tensor, assert_close

CONV, FLAT, DENSE, RELU = (
    *(("conv", "Conv2d", 1, 1, 1), ("flat", "Flatten")),
    *(("dense", "Linear", 2, 2), ("relu", "ReLU")),
)
LAST, SOFTMAX, DROPOUT = (
    ("last", "Linear", 2, 3),
    ("softmax", "Softmax", {"dim": 1}),
    ("dropout", "Dropout", 0.5),
)
# ru: До последнего слоя сеть только заменяет отрицательные числа нулями.
# en: Before its last layer the network only makes zeros of negative numbers.
STATE = {
    "conv.weight": torch.ones(1, 1, 1, 1),
    "conv.bias": torch.zeros(1),
    "dense.weight": torch.eye(2),
    "dense.bias": torch.zeros(2),
    "last.weight": torch.ones(3, 2),
    "last.bias": torch.zeros(3),
}
IMAGES = torch.tensor([[3.0, 4.0], [5.0, -1.0], [1.0, 1.0], [-2.0, -2.0]]).reshape(4, 1, 1, 2)
FEATURES = torch.tensor([[3.0, 4.0], [5.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
LABELS = torch.tensor([9, 7, 8, 7])
CLOSE = {"rtol": 1e-4, "atol": 1e-4}


def _network(student, *layers: tuple):
    rows = layers or (CONV, FLAT, DENSE, RELU, LAST)
    return student.make("network", layers=list(rows), seed=0, state=STATE)


def _embedded(student, net, shuffle_seed: int | None = None, **settings) -> tuple[torch.Tensor, torch.Tensor]:
    """Признаки и метки, в последней порции одна картинка. / Features and labels, the last batch has one image."""
    loader = student.make("loader", images=IMAGES, labels=LABELS, batch_size=3, shuffle_seed=shuffle_seed)
    found = student.embed(net, loader, **settings)
    is_pair = isinstance(found, (tuple, list)) and len(found) == 2
    assert is_pair, f"получен {type(found).__name__}, а не пара / got a {type(found).__name__}, not a pair"
    return as_tensor(found[0], "признаки / features"), as_tensor(found[1], "метки / labels")


def test_features(student):
    """признаки — вход последнего nn.Linear / features are the input of the last nn.Linear"""
    for net in (_network(student), _network(student, CONV, FLAT, DENSE, RELU, LAST, SOFTMAX)):
        features, labels = _embedded(student, net, l2=False)
        assert_close(features, FEATURES, **CLOSE, what="признаки / features")
        assert_close(labels, LABELS, what="метки / labels")
        left = student.condition(net)["hooks"]
        assert left == 0, f"хуков осталось: {left} / hooks left: {left}"


def test_length_of_features(student):
    """длина строк — единица, строка нулей остаётся / rows have length 1, a row of zeros stays"""
    features, _ = _embedded(student, _network(student))
    right = torch.tensor([[0.6, 0.8], [1.0, 0.0], [0.5**0.5, 0.5**0.5], [0.0, 0.0]])
    assert_close(features, right, **CLOSE, what="признаки / features")


def test_layer(student):
    """признаки названного слоя, вытянутые в строку / features of a named layer, flattened"""
    features, _ = _embedded(student, _network(student), layer="conv", l2=False)
    assert_close(features, IMAGES.flatten(1), **CLOSE, what="признаки слоя conv / features of the layer conv")


def test_shuffled_loader(student):
    """загрузчик перемешивает картинки / the loader shuffles the images"""
    row_of = {9: FEATURES[0], 8: FEATURES[2]}
    for seed in range(4):
        features, labels = _embedded(student, _network(student), shuffle_seed=seed, l2=False)
        assert sorted(labels.tolist()) == [7, 7, 8, 9], (
            f"метки {labels.tolist()}, ожидались 7, 7, 8 и 9 / labels {labels.tolist()}, expected 7, 7, 8 and 9"
        )
        for label, row in row_of.items():
            found = features[labels.tolist().index(label)]
            assert_close(found, row, **CLOSE, what=f"признаки картинки {label} / features of image {label}")


def test_mode(student):
    """режим проверки / evaluation mode"""
    net = _network(student, CONV, FLAT, DENSE, RELU, DROPOUT, LAST)
    features, _ = _embedded(student, net, l2=False)
    assert_close(features, FEATURES, **CLOSE, what="признаки / features")
    assert all(student.condition(net)["training"].values()), "режим не вернулся / the mode did not come back"


def _probe(student, rows, labels, test, **settings) -> tuple[list[int], float, float]:
    """Предсказания, выбранное λ и точность. / Predictions, the λ chosen and the accuracy."""
    found = student.linear_probe(rows, labels, test, **settings)
    is_probe = isinstance(found, (tuple, list)) and len(found) == 3
    assert is_probe, f"получен {type(found).__name__}, а не Probe / got a {type(found).__name__}, not a Probe"
    classes = as_tensor(found[0], "предсказания / predictions")
    assert classes.shape == test.shape[:1], (
        f"форма предсказаний {tuple(classes.shape)}, строк {len(test)} / "
        f"shape of predictions {tuple(classes.shape)}, rows {len(test)}"
    )
    assert not classes.is_floating_point(), (
        f"тип предсказаний {classes.dtype}, ожидались целые числа / "
        f"dtype of predictions {classes.dtype}, expected whole numbers"
    )
    return classes.tolist(), as_number(found[1], "λ"), as_number(found[2], "точность / accuracy")


def _check_predictions(found: list[int], right: list[int]) -> None:
    assert found == right, f"предсказано {found}, верно {right} / predicted {found}, right are {right}"


def _corners() -> tuple[torch.Tensor, torch.Tensor]:
    """Четыре класса по девять строк в углах квадрата. / Four classes of nine rows in the corners of a square."""
    steps = torch.cartesian_prod(torch.arange(3.0), torch.arange(3.0))
    corners = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    return torch.cat([corner + steps for corner in corners]), torch.tensor([2, 7, 9, 5]).repeat_interleave(9)


def test_probe(student):
    """четыре класса в углах квадрата / four classes in the corners of a square"""
    rows, labels = _corners()
    test = torch.tensor([[1.0, 1.0], [11.0, 1.0], [1.0, 11.0], [11.0, 11.0]])
    found, _, accuracy = _probe(student, rows, labels, test)
    _check_predictions(found, [2, 7, 9, 5])
    assert accuracy == 1, f"точность {accuracy}, ожидалась 1 / accuracy {accuracy}, expected 1"


def test_probe_scaler(student):
    """среднее и разброс — от обучающих строк / mean and deviation are those of the training rows"""
    rows, labels = _corners()
    # ru: Другие строки теста ничего не меняют: ни похожие, ни далёкие.
    # en: Other rows of the test change nothing, neither near ones nor far ones.
    for test, right in (
        ([[11.0, 11.0], [12.0, 11.0]], [5, 5]),
        ([[1.0, 1.0], [11.0, 1.0], [1e6, 1e6]], [2, 7]),
    ):
        found, _, _ = _probe(student, rows, labels, torch.tensor(test), weight_decays=(1e-2,))
        _check_predictions(found[:2], right)


def test_probe_units(student):
    """единицы измерения и признак без разброса / units, and a feature without spread"""
    # ru: Классы различают первые два признака, третий — большие числа без смысла, четвёртый не меняется.
    # en: The first two features tell classes apart, the third is large meaningless numbers, the fourth is constant.
    rows, labels = _corners()
    noise = 1000 * (torch.arange(36) % 7 - 3.0)[:, None]
    rows = torch.cat([rows / 1000, noise, torch.full((36, 1), 2.5)], dim=1)
    test = torch.tensor([[0.001, 0.001, 2000, 2.5], [0.011, 0.001, -3000, 2.5], [0.011, 0.011, 0, 2.5]])
    found, _, _ = _probe(student, rows, labels, test, weight_decays=(1e-2,))
    _check_predictions(found, [2, 7, 5])


def test_probe_weight_decay(student):
    """λ выбирают по точности / λ is chosen by accuracy"""
    # ru: При λ = 1000 веса почти нулевые, и всем достаётся класс, которого больше.
    # en: With λ = 1000 weights are almost zero, and everything gets the class that has more rows.
    rows = torch.cat([torch.arange(40.0), 60 + torch.arange(10.0)])[:, None]
    labels = (torch.arange(50) >= 40).long()
    for choice in ((1e3, 1e-3), (1e-3, 1e3)):
        found, chosen, accuracy = _probe(
            student, rows, labels, torch.tensor([[10.0], [65.0]]), weight_decays=choice
        )
        assert abs(chosen - 1e-3) < 1e-6, f"выбрано λ = {chosen}, а не 0.001 / λ = {chosen} chosen, not 0.001"
        assert accuracy == 1, f"точность {accuracy}, ожидалась 1 / accuracy {accuracy}, expected 1"
        _check_predictions(found, [0, 1])


def test_probe_set_aside(student):
    """отложенные строки не учат / rows set aside do not train"""
    # ru: Метки без смысла: известные строки проба повторит, а о других может только гадать.
    # en: Labels without a meaning: a probe repeats rows that it knows, and can only guess about others.
    generator = torch.Generator().manual_seed(1)
    rows, labels = torch.randn(100, 150, generator=generator), torch.arange(100) % 2
    _, _, accuracy = _probe(student, rows, labels, rows[:2], weight_decays=(1e-3,))
    assert accuracy < 0.95, (
        f"точность {accuracy} на метках без смысла / accuracy {accuracy} on labels without a meaning"
    )


def test_probe_all_rows(student):
    """после выбора учат все строки / after the choice all rows train"""
    # ru: У каждой строки свой признак: кого не учили, того нельзя узнать.
    # en: Each row has a feature of its own: what did not train cannot be known.
    rows, labels = torch.eye(20), torch.arange(20) // 5
    found, _, _ = _probe(student, rows, labels, rows, weight_decays=(1e-4,))
    _check_predictions(found, labels.tolist())

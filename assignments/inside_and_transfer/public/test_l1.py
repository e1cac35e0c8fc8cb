"""ru: Открытые тесты L1: сеть из двух слоёв, числа которой можно проследить на бумаге.
en: Public tests of L1: a network of two layers whose numbers can be followed by hand.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close

DENSE, RELU, LAST = ("inside.dense", "Linear", 2, 2), ("inside.relu", "ReLU"), ("last", "Linear", 2, 1)
NETWORK = [DENSE, RELU, LAST]
STATE = {
    "inside.dense.weight": torch.tensor([[1.0, 1.0], [1.0, -1.0]]),
    "inside.dense.bias": torch.tensor([0.0, -2.0]),
    "last.weight": torch.tensor([[1.0, 10.0]]),
    "last.bias": torch.tensor([0.5]),
}
# ru: Батч-нормализация, которая при проверке ничего не меняет.
# en: Batch normalisation that changes nothing in evaluation.
NORM, DROPOUT = ("norm", "BatchNorm1d", 2, {"eps": 0.0}), ("dropout", "Dropout", 0.5)
NORM_STATE = {
    "norm.weight": torch.ones(2),
    "norm.bias": torch.zeros(2),
    "norm.running_mean": torch.zeros(2),
    "norm.running_var": torch.ones(2),
    "norm.num_batches_tracked": torch.tensor(0),
}
INPUT = torch.tensor([[3.0, 4.0], [5.0, 1.0]])
# ru: Верные выходы слоёв.
# en: The right outputs of the layers.
RIGHT = {
    "inside.dense": [[7.0, -3.0], [6.0, 2.0]],
    "inside.relu": [[7.0, 0.0], [6.0, 2.0]],
    "last": [[7.5], [26.5]],
}


def _outputs(student, net, names: list[str]) -> dict[str, object]:
    found = student.layer_outputs(net, INPUT, names)
    assert isinstance(found, dict), (
        f"получен {type(found).__name__}, ожидался словарь / got a {type(found).__name__}, expected a dict"
    )
    return found


def _check(student, net, right: dict[str, list[list[float]]]) -> None:
    found = _outputs(student, net, list(right))
    for name, numbers in right.items():
        what = f"выход {name} / output of {name}"
        assert_close(as_tensor(found.get(name), what), torch.tensor(numbers), what=what)


def test_numbers(student):
    """числа трёх слоёв / numbers of three layers"""
    _check(student, student.make("network", layers=NETWORK, seed=0, state=STATE), RIGHT)


def test_order_of_names(student):
    """порядок имён / order of the names"""
    names = ["last", "inside.dense"]
    net = student.make("network", layers=NETWORK, seed=0, state=STATE)
    found = list(_outputs(student, net, names))
    assert found == names, f"слои {found}, ожидались {names} / layers {found}, expected {names}"


def test_detour_and_repetition(student):
    """обход слоя и слой, который работает дважды / a detour around a layer, and a layer that runs twice"""
    # ru: body — это x + dense(x); twice — это dense(dense(x)), и нужен последний выход.
    # en: body is x + dense(x); twice is dense(dense(x)), and the last output is wanted.
    right = {
        "body": {"body.dense": [[7.0, -3.0], [6.0, 2.0]], "body": [[10.0, 1.0], [11.0, 3.0]]},
        "twice": {"twice.dense": [[4.0, 8.0], [8.0, 2.0]]},
    }
    for name, kind in (("body", "Residual"), ("twice", "Twice")):
        layers = [(name, kind), (f"{name}.dense", *DENSE[1:])]
        state = {f"{name}.dense.{part}": STATE[f"inside.dense.{part}"] for part in ("weight", "bias")}
        _check(student, student.make("network", layers=layers, seed=0, state=state), right[name])


def test_in_place(student):
    """выход цел, когда следующий слой пишет поверх него / an output stays when the next layer writes over it"""
    layers = [DENSE, (*RELU, {"inplace": True}), LAST]
    _check(student, student.make("network", layers=layers, seed=0, state=STATE), RIGHT)


def test_modes(student):
    """режим проверки, и каждому слою его режим обратно / evaluation mode, and each layer's own mode comes back"""
    net = student.make("network", layers=[DENSE, RELU, NORM, DROPOUT, LAST], seed=0, state=STATE | NORM_STATE)
    student.set_mode(net, True)
    student.set_mode(net.get("norm"), False)
    before = student.condition(net)["training"]
    _check(student, net, RIGHT)
    after = student.condition(net)["training"]
    changed = [name or "сеть / network" for name, mode in before.items() if after[name] != mode]
    assert not changed, f"другой режим у слоёв {changed} / layers {changed} are in another mode"
    student.set_mode(net, True)
    _check(student, net, RIGHT)
    mean = student.state_dict(net)["norm.running_mean"]
    assert_close(mean, torch.zeros(2), what="статистика BatchNorm / statistics of BatchNorm")


def test_nothing_is_left(student):
    """хуки сняты, граф вычислений не хранится / hooks are removed, the graph of the computation is not kept"""
    net = student.make("network", layers=NETWORK, seed=0, state=STATE)
    _check(student, net, RIGHT)
    wants_gradient = student.traces("layer_outputs", net, INPUT, ["last"])["output"]
    left = student.condition(net)["hooks"]
    assert left == 0, f"хуков осталось: {left} / hooks left: {left}"
    assert not wants_gradient, "выходы хранят граф вычислений / the outputs keep the graph of the computation"


def test_after_an_error(student):
    """хуки сняты и после ошибки / hooks are removed after an error, too"""
    net = student.make("network", layers=NETWORK, seed=0, state=STATE)
    _outputs(student, net, ["last"])
    try:
        # ru: Здесь три числа, а сеть ждёт два.
        # en: Here are three numbers, and the network expects two.
        student.layer_outputs(net, torch.ones(1, 3), ["inside.dense", "last"])
    except Exception:
        condition = student.condition(net)
    else:
        raise AssertionError("ошибка сети пропала / the error of the network got lost")
    left = condition["hooks"]
    assert left == 0, f"хуков осталось: {left} / hooks left: {left}"
    assert all(condition["training"].values()), "режим не вернулся / the mode did not come back"


def test_unknown_names(student):
    """чужое имя и слой, который не работал, — ValueError / an unknown name, a layer that did not run: ValueError"""
    net = student.make("network", layers=[*NETWORK, ("spare", "Idle"), ("spare.relu", "ReLU")], seed=0)
    for name in ("inside.dance", "spare.relu"):
        try:
            student.layer_outputs(net, INPUT, ["last", name])
        except Exception as error:
            if getattr(error, "kind", "") != "ValueError":
                raise
        else:
            raise AssertionError(f"имя {name} не вызвало ValueError / the name {name} gave no ValueError")

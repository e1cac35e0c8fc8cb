"""The linear probe finds the minimum it is defined by, and knows nothing of the test rows."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_cnn.transfer import probe


def clouds(count: int, num_features: int, num_classes: int, seed: int, spread: float = 1.0):
    """Classes as clouds around random centres: rows and labels, every class at least once."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.cat(
        [torch.arange(num_classes), torch.randint(num_classes, (count - num_classes,), generator=generator)]
    )
    centres = torch.randn(num_classes, num_features, generator=torch.Generator().manual_seed(99))
    rows = 2 * centres[labels] + spread * torch.randn(count, num_features, generator=generator)
    return rows, labels


def newton(inputs: torch.Tensor, targets: torch.Tensor, num_classes: int, weight_decay: float):
    """The same minimum by Newton's method on the whole Hessian: nothing in common with LBFGS."""
    num_features = inputs.shape[1]

    def objective(flat):
        weight, bias = flat[: num_classes * num_features].view(num_classes, -1), flat[-num_classes:]
        penalty = weight_decay / 2 * weight.square().sum()
        return F.cross_entropy(inputs @ weight.T + bias, targets) + penalty

    flat = torch.zeros(num_classes * (num_features + 1), dtype=torch.float64)
    for _ in range(30):
        gradient = torch.autograd.functional.jacobian(objective, flat)
        # The biases have a direction without curvature: all of them together.
        hessian = torch.autograd.functional.hessian(objective, flat)
        hessian += 1e-9 * torch.eye(len(flat), dtype=torch.float64)
        step = torch.linalg.solve(hessian, gradient)
        size = 1.0
        while objective(flat - size * step) > objective(flat) + 1e-15 and size > 1e-6:
            size /= 2
        flat = flat - size * step
    return flat[: num_classes * num_features].view(num_classes, -1), flat[-num_classes:]


@pytest.mark.parametrize("weight_decay", [1e-3, 1e-1, 1.0])
@pytest.mark.parametrize(("count", "num_features"), [(40, 5), (9, 12)])
def test_minimum_is_newtons(weight_decay, count, num_features):
    rows, targets = clouds(count, num_features, 3, seed=1)
    inputs = rows.double()
    inputs = (inputs - inputs.mean(0)) / inputs.std(0, correction=0)
    weight, bias = newton(inputs, targets, 3, weight_decay)
    others = torch.randn(500, num_features, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    mean, std = rows.double().mean(0), rows.double().std(0, correction=0)
    predict = probe._fit(rows.double(), targets, 3, weight_decay)
    agreement = (predict(others * std + mean) == (others @ weight.T + bias).argmax(1)).double().mean()
    assert agreement >= 0.998
    found, _ = probe._minimise(inputs, targets, 3, weight_decay)
    # The gradient ends below 1e-6, and the curvature is at least the weight decay.
    torch.testing.assert_close(found, weight, atol=1e-3, rtol=1e-2)


def test_probe_is_a_fit_to_all_rows_with_the_chosen_weight_decay():
    rows, labels = clouds(60, 4, 3, seed=2, spread=3.0)
    others, _ = clouds(200, 4, 3, seed=3, spread=3.0)
    found = probe.linear_probe(rows, labels, others)
    assert found.weight_decay in probe.WEIGHT_DECAYS
    mean, std = rows.double().mean(0), rows.double().std(0, correction=0)
    weight, bias = newton((rows.double() - mean) / std, labels, 3, found.weight_decay)
    answers = (((others.double() - mean) / std) @ weight.T + bias).argmax(1)
    assert (answers == found.predictions).double().mean() >= 0.995


def test_weight_decay_is_chosen_on_held_out_rows():
    # Six features say the class, two hundred are noise: the weak penalties learn the noise by heart.
    generator = torch.Generator().manual_seed(0)
    rows, labels = clouds(80, 206, 2, seed=4)
    rows[:, 6:] = 3 * torch.randn(80, 200, generator=generator)
    rows[:, :6] = labels[:, None] + 0.5 * torch.randn(80, 6, generator=generator)
    fitted, held_out = probe._split(labels, seed=0)
    assert sorted(fitted.tolist() + held_out.tolist()) == list(range(80))
    by_hand = {}
    for weight_decay in probe.WEIGHT_DECAYS:
        predict = probe._fit(rows[fitted].double(), labels[fitted], 2, weight_decay)
        by_hand[weight_decay] = (predict(rows[held_out].double()) == labels[held_out]).double().mean().item()
    found = probe.linear_probe(rows, labels, rows[:3])
    best = max(by_hand.values())
    assert found.val_accuracy == best
    assert found.weight_decay == max(key for key, value in by_hand.items() if value == best)


@given(
    counts=st.lists(st.integers(1, 12), min_size=1, max_size=5),
    seed=st.integers(0, 5),
)
@settings(max_examples=40, deadline=None)
def test_held_out_rows_are_a_fifth_of_each_class(counts, seed):
    targets = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    fitted, held_out = probe._split(targets, seed)
    assert sorted(fitted.tolist() + held_out.tolist()) == list(range(sum(counts)))
    for target, count in enumerate(counts):
        number = int((targets[held_out] == target).sum())
        assert number == (0 if count == 1 else max(1, round(count / 5)))
    assert torch.equal(probe._split(targets, seed)[1], held_out)


@given(
    num_classes=st.integers(1, 5),
    per_class=st.integers(1, 5),
    num_features=st.sampled_from([1, 3, 40]),
    seed=st.integers(0, 3),
)
@settings(max_examples=15, deadline=None)
def test_few_labels(num_classes, per_class, num_features, seed):
    rows, labels = clouds(num_classes * per_class, num_features, num_classes, seed)
    found = probe.linear_probe(rows, 10 * labels - 7, rows, seed=seed)
    assert set(found.predictions.tolist()) <= set((10 * labels - 7).tolist())
    assert found.predictions.dtype == torch.int64


def test_one_row_of_each_class():
    rows = torch.eye(4)
    found = probe.linear_probe(rows, torch.tensor([3, 1, 4, 9]), rows + 0.01)
    assert found.predictions.tolist() == [3, 1, 4, 9]
    assert found.weight_decay == max(probe.WEIGHT_DECAYS)
    assert found.val_accuracy != found.val_accuracy


def test_one_row_of_one_class_among_others():
    rows, labels = clouds(30, 4, 2, seed=0)
    rows, labels = torch.cat([rows, torch.full((1, 4), 50.0)]), torch.cat([labels, torch.tensor([8])])
    assert probe.linear_probe(rows, labels, torch.full((1, 4), 50.0)).predictions.tolist() == [8]


def test_test_rows_change_no_answer_but_their_own():
    rows, labels = clouds(50, 6, 3, seed=5)
    others, _ = clouds(40, 6, 3, seed=6)
    whole = probe.linear_probe(rows, labels, others)
    # A scaler that saw the test rows would answer otherwise when far ones join them.
    far = torch.cat([others[:10], others[:10] * 1e4 + 1e5])
    assert torch.equal(probe.linear_probe(rows, labels, far).predictions[:10], whole.predictions[:10])


@given(seed=st.integers(0, 20))
@settings(max_examples=6, deadline=None)
def test_units_of_the_features_do_not_matter(seed):
    generator = torch.Generator().manual_seed(seed)
    rows, labels = clouds(40, 5, 3, seed)
    others, _ = clouds(60, 5, 3, seed + 100)
    scale, shift = 10 ** (6 * torch.rand(5, generator=generator) - 3), 3 * torch.randn(5, generator=generator)
    first = probe.linear_probe(rows.double(), labels, others.double())
    second = probe.linear_probe(rows.double() * scale + shift, labels, others.double() * scale + shift)
    assert (first.predictions == second.predictions).double().mean() >= 0.98


def test_constant_features_say_nothing():
    rows, labels = clouds(40, 5, 3, seed=8)
    others, _ = clouds(60, 5, 3, seed=9)
    found = probe.linear_probe(rows, labels, others)
    # 0.1 is not exact in binary: its mean over 40 rows may differ from it by a rounding.
    padded = torch.cat([rows, torch.full((40, 2), 0.1)], 1)
    with_more = probe.linear_probe(padded, labels, torch.cat([others, torch.randn(60, 2)], 1))
    assert torch.equal(with_more.predictions, found.predictions)


def test_same_seed_same_probe_and_nothing_is_drawn_or_changed():
    rows, labels = clouds(50, 6, 3, seed=5)
    before, state = rows.clone(), torch.get_rng_state()
    with torch.no_grad():
        first = probe.linear_probe(rows, labels, rows, seed=3)
    second = probe.linear_probe(rows, labels, rows, seed=3)
    assert torch.equal(first.predictions, second.predictions)
    assert first[1:] == second[1:]
    assert torch.equal(rows, before)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("rows", "labels", "others", "decays", "message"),
    [
        (torch.zeros(3, 2), torch.zeros(4), torch.zeros(1, 2), (1.0,), r"shapes \(3, 2\), \(4,\), \(1, 2\)"),
        (torch.zeros(0, 2), torch.zeros(0), torch.zeros(1, 2), (1.0,), "N > 0"),
        (torch.zeros(3, 2, 1), torch.zeros(3), torch.zeros(1, 2), (1.0,), "expected"),
        (torch.zeros(3, 2), torch.zeros(3), torch.zeros(1, 4), (1.0,), "2 features and test rows 4"),
        (torch.full((3, 2), torch.nan), torch.zeros(3), torch.zeros(1, 2), (1.0,), "NaN or infinity"),
        (torch.zeros(3, 2), torch.zeros(3), torch.zeros(1, 2), (), "positive numbers, at least one"),
        (torch.zeros(3, 2), torch.zeros(3), torch.zeros(1, 2), (1.0, -1.0), "positive numbers"),
    ],
)
def test_refuses(rows, labels, others, decays, message):
    with pytest.raises(ValueError, match=message):
        probe.linear_probe(rows, labels.long(), others, decays)

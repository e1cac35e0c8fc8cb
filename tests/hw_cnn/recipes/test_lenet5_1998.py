"""LeNet-5's own training: its loss, its decision, its schedule, and a curvature that the exact derivatives confirm."""

from __future__ import annotations

import pytest
import torch
from lightning import Trainer
from torch import nn
from torch.func import functional_call, jacrev

from hw_cnn.data import digits
from hw_cnn.models import lenet5_1998 as network
from hw_cnn.recipes import lenet5_1998


def digit_batches(**arguments) -> digits.DigitsDataModule:
    return digits.DigitsDataModule(16, pad_px=2, mean=0.1 / 1.275, std=1 / 1.275, **arguments)


def trainer(**options) -> Trainer:
    return Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        **options,
    )


def test_schedule_is_the_papers_for_20_passes_and_stretches():
    module = lenet5_1998.LeNet1998Recipe(network.LeNet1998(), rate_scale=2.0)
    rates = [module.global_rate(epoch / 20) / 2 for epoch in range(20)]
    # Section III-B: "0.0005 for the first two passes, 0.0002 for the next three, 0.0001 for the next three, 0.00005
    # for the next 4, and 0.00001 thereafter".
    paper = [5e-4] * 2 + [2e-4] * 3 + [1e-4] * 3 + [5e-5] * 4 + [1e-5] * 8
    assert rates == pytest.approx(paper)
    assert [module.global_rate(epoch / 10) / 2 for epoch in range(10)] == pytest.approx(paper[::2])
    assert module.global_rate(1.0) == pytest.approx(2e-5)


class Tiny(nn.Module):
    """Two weights each of a kind: small enough for exact second derivatives."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(8, 3), nn.Tanh())


def test_curvature_is_the_gauss_newton_diagonal():
    """For one image h_k has the mean 2 sum_j (dx_j/dw_k)²; 4,000 projections of the same image come close to it."""
    torch.manual_seed(0)
    model, image = Tiny().double(), torch.randn(1, 1, 4, 4, dtype=torch.float64)
    weights = {name: value.detach() for name, value in model.features.named_parameters()}
    jacobians = jacrev(lambda values: functional_call(model.features, values, (image,))[0])(weights)
    module = lenet5_1998.LeNet1998Recipe(model)
    measured = module.measure_curvature(image.expand(4000, 1, 4, 4))
    for name, jacobian in jacobians.items():
        exact = 2 * jacobian.square().sum(0)
        assert measured[name].shape == exact.shape
        # The deviation of a mean of 4,000 products of signs is at most sqrt(2/4000) of the exact value.
        assert torch.allclose(measured[name], exact, rtol=5 * (2 / 4000) ** 0.5, atol=1e-12), name


def test_a_step_is_rate_over_mu_plus_curvature_times_the_sum_of_the_gradients():
    torch.manual_seed(0)
    module = lenet5_1998.LeNet1998Recipe(network.LeNet1998(), mu=0.5)
    before = {name: value.detach().clone() for name, value in module.model.features.named_parameters()}
    data = digit_batches()
    images, labels = next(iter(data.train_dataloader()))
    loss = network.rbf_loss(module.model(images), labels, module.j)
    gradients = torch.autograd.grad(loss, list(module.model.features.parameters()))
    trainer(max_steps=1, limit_val_batches=0).fit(module, data)
    for (name, value), gradient in zip(module.model.features.named_parameters(), gradients, strict=True):
        curvature = module.curvatures[name]
        expected = before[name] - 5e-4 * 16 * gradient / (0.5 + curvature)
        assert bool((curvature >= 0).all())
        assert torch.allclose(value, expected, rtol=1e-4, atol=1e-7), name


def test_answers_are_the_smallest_distances():
    torch.manual_seed(0)
    module = lenet5_1998.LeNet1998Recipe(network.LeNet1998())
    images, labels = next(iter(digit_batches().val_dataloader()))
    distances = module.model(images)
    assert torch.equal(module(images), -distances)
    assert torch.equal(module.predict_step((images, labels), 0), distances.argmin(1))


def test_val_loss_is_equation_9_over_all_images():
    torch.manual_seed(0)
    module = lenet5_1998.LeNet1998Recipe(network.LeNet1998(), j=0.3)
    data = digit_batches()
    (measured,) = trainer().validate(module, data, verbose=False)
    total = 0.0
    for images, labels in data.val_dataloader():
        y = module.model(images).detach().double()
        own = y.gather(1, labels[:, None])[:, 0]
        total += float((own + (torch.exp(torch.tensor(-0.3)) + torch.exp(-y).sum(1)).log()).sum())
    assert measured["val_loss"] == pytest.approx(total / 1000, rel=1e-4)


@pytest.mark.parametrize(
    ("model", "interval"), [(nn.Linear(2, 2), 1), (network.LeNet1998(), 0)], ids=["other network", "interval"]
)
def test_refuses(model, interval):
    with pytest.raises(ValueError, match=r"must have `features`.*curvature_interval"):
        lenet5_1998.LeNet1998Recipe(model, curvature_interval=interval)


@pytest.mark.slow
def test_learns():
    torch.manual_seed(0)
    module = lenet5_1998.LeNet1998Recipe(network.LeNet1998(), mu=0.5, curvature_interval=16)
    run = trainer(max_epochs=1)
    run.fit(module, digit_batches(max_shift_px=1))
    assert float(run.callback_metrics["val_accuracy"]) > 0.85

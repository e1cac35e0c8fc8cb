"""Features are what the layer gives, row by row, and the network does not notice."""

from __future__ import annotations

import io

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from rich import console
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from hw_cnn import classifier
from hw_cnn.data.feeding import loader
from hw_cnn.models import seminar
from hw_cnn.transfer import embedding


class Net(nn.Module):
    """Batch normalisation, dropout, a ReLU in place that is called twice, and maps before the dense layers."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(2, 3, 3)
        self.normalisation = nn.BatchNorm2d(3)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.5)
        self.hidden = nn.Linear(3 * 4 * 2, 6)
        self.unused = nn.Conv2d(1, 1, 1)
        self.last = nn.Linear(6, 4)
        # Statistics of a training, not the zeros and ones of the beginning.
        nn.init.uniform_(self.normalisation.running_mean)
        nn.init.uniform_(self.normalisation.running_var, 0.5, 2)

    def forward(self, images):
        maps = self.relu(self.normalisation(self.convolution(images)))
        return self.last(self.dropout(self.relu(self.hidden(maps.flatten(1)))))


@pytest.fixture
def model():
    torch.manual_seed(3)
    return Net()


def expected(model: Net, images: torch.Tensor) -> dict[str | None, torch.Tensor]:
    """Every layer by functional operations, without modules or hooks."""
    maps = F.conv2d(images, model.convolution.weight, model.convolution.bias)
    statistics = model.normalisation
    normal = F.batch_norm(
        maps, statistics.running_mean, statistics.running_var, statistics.weight, statistics.bias
    )
    hidden = F.linear(normal.relu().flatten(1), model.hidden.weight, model.hidden.bias)
    logits = F.linear(hidden.relu(), model.last.weight, model.last.bias)
    layers = {
        "convolution": maps,
        "normalisation": normal,
        "relu": hidden.relu(),
        "hidden": hidden,
        None: hidden.relu(),
        "last": logits,
    }
    return {name: value.detach().flatten(1) for name, value in layers.items()}


IMAGES = torch.randn(11, 2, 6, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(11) % 4
BATCHES = list(zip(IMAGES.split(4), LABELS.split(4), strict=True))


@pytest.mark.parametrize("layer", [None, "convolution", "normalisation", "relu", "hidden", "last"])
@pytest.mark.parametrize("l2", [True, False])
def test_values_of_each_layer(model, layer, l2):
    rows = expected(model, IMAGES)[layer]
    features, labels = embedding.embed(model, BATCHES, layer, l2=l2)
    wanted = rows / rows.norm(dim=1, keepdim=True).clamp(min=1e-12) if l2 else rows
    torch.testing.assert_close(features, wanted, atol=1e-6, rtol=1e-5)
    assert torch.equal(labels, LABELS)
    assert (features.dtype, labels.dtype) == (torch.float32, torch.int64)


@given(batch_size=st.integers(1, 13), seed=st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_batches_do_not_matter_and_order_is_the_loaders(batch_size, seed):
    torch.manual_seed(seed)
    model = Net()
    whole, _ = embedding.embed(model, [(IMAGES, LABELS)])
    rows, labels = embedding.embed(model, DataLoader(TensorDataset(IMAGES, LABELS), batch_size))
    torch.testing.assert_close(rows, whole)
    assert torch.equal(labels, LABELS)


class Sized:
    """Batches of these sizes, and a length that may not be theirs."""

    def __init__(self, sizes: list[int], length: int) -> None:
        self.sizes, self.length = sizes, length

    def __len__(self) -> int:
        return self.length

    def __iter__(self):
        return zip(IMAGES.split(self.sizes), LABELS.split(self.sizes), strict=True)


@pytest.mark.parametrize(("layer", "l2"), [("convolution", True), ("relu", True), (None, False)])
@pytest.mark.parametrize("sizes", [[11], [4, 4, 3], [1, 9, 1], [2, 2, 2, 5], [9, 1, 1]])
@pytest.mark.parametrize("length", [0, 1, 100], ids=lambda length: f"says {length} batches")
@pytest.mark.parametrize("at_once", [1, 40, 1 << 16])
def test_rows_fill_one_table_however_they_come(model, layer, l2, sizes, length, at_once, monkeypatch):
    monkeypatch.setattr(embedding, "NUM_NUMBERS_AT_ONCE", at_once)
    rows = expected(model, IMAGES)[layer]
    features, labels = embedding.embed(model, Sized(sizes, length), layer, l2=l2)
    torch.testing.assert_close(features, F.normalize(rows) if l2 else rows, atol=1e-6, rtol=1e-5)
    assert torch.equal(labels, LABELS)
    num_bytes = features.untyped_storage().nbytes()
    assert num_bytes <= 8 / 7 * features.nbytes, "room for batches that did not come must not stay"
    unsized, _ = embedding.embed(model, iter(Sized(sizes, length)), layer, l2=l2)
    torch.testing.assert_close(unsized, features)


@pytest.mark.parametrize(
    ("layer", "passes"),
    [
        ("convolution", {"convolution": 3, "normalisation": 1, "hidden": 1, "last": 1}),
        ("relu", {"convolution": 3, "normalisation": 3, "hidden": 3, "last": 1}),
        (None, {"convolution": 3, "normalisation": 3, "hidden": 3, "last": 1}),
        ("last", {"convolution": 3, "normalisation": 3, "hidden": 3, "last": 3}),
    ],
)
def test_later_batches_go_no_further_than_the_layer(model, layer, passes):
    num_calls = dict.fromkeys(passes, 0)

    def counting(name: str):
        def hook(*_: object) -> None:
            num_calls[name] += 1

        return hook

    for name in passes:
        model.get_submodule(name).register_forward_pre_hook(counting(name), prepend=True)
    features, _ = embedding.embed(model, BATCHES, layer)
    torch.testing.assert_close(features, F.normalize(expected(model, IMAGES)[layer]), atol=1e-6, rtol=1e-5)
    # Before the last layer's own hook is asked, it has been entered.
    entered = {"last": 3} if layer is None else {}
    assert num_calls == passes | entered


def test_a_compiled_network_gives_the_same(model):
    compiled = torch.compile(model, backend="eager")
    for layer in ("convolution", "relu", "hidden"):
        features, _ = embedding.embed(compiled, BATCHES, f"_orig_mod.{layer}")
        torch.testing.assert_close(
            features, F.normalize(expected(model, IMAGES)[layer]), atol=1e-6, rtol=1e-5
        )


def test_refuses_images_of_another_size(model):
    batches = [(IMAGES, LABELS), (IMAGES[..., :5, :], LABELS)]
    with pytest.raises(ValueError, match=r"gave 18 numbers an image after 24; give images of one size"):
        embedding.embed(nn.Sequential(model.convolution, nn.Flatten(2)), batches, "0")


def test_shuffled_loader_gives_rows_and_labels_of_the_same_images(model):
    pixels = torch.randint(0, 256, (20, 2, 6, 4), dtype=torch.uint8)
    numbers = torch.arange(20)
    rows, labels = embedding.embed(model, loader.TensorLoader(pixels, numbers, 6, shuffle=True))
    assert not torch.equal(labels, numbers)
    assert torch.equal(labels.sort().values, numbers)
    in_order, _ = embedding.embed(model, loader.TensorLoader(pixels, numbers, 6))
    torch.testing.assert_close(rows, in_order[labels])


@pytest.mark.parametrize("is_lightning", [False, True])
def test_nothing_changes(model, is_lightning):
    model.dropout.eval()
    whole = classifier.Classifier(model, 4) if is_lightning else model
    before = {name: tensor.clone() for name, tensor in whole.state_dict().items()}
    modes = [module.training for module in whole.modules()]
    random_state = torch.get_rng_state()
    name = "model.hidden" if is_lightning else "hidden"
    features, _ = embedding.embed(whole, BATCHES, name)
    torch.testing.assert_close(features, F.normalize(expected(model, IMAGES)["hidden"]))
    assert all(torch.equal(before[name], tensor) for name, tensor in whole.state_dict().items())
    assert [module.training for module in whole.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(parameter.grad is None for parameter in whole.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in whole.modules())


def test_hooks_and_modes_after_an_error(model):
    with pytest.raises(RuntimeError, match="expected input"):
        embedding.embed(model, [(IMAGES[:, :1], LABELS)])
    assert model.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_a_head_can_be_trained_on_the_rows(model):
    features, labels = embedding.embed(model, BATCHES)
    assert not features.is_inference()
    assert not labels.is_inference()
    head = nn.Linear(6, 4)
    F.cross_entropy(head(features), labels).backward()
    assert head.weight.grad is not None


def test_rows_of_zeros_stay_zeros(model):
    nn.init.zeros_(model.hidden.weight)
    nn.init.zeros_(model.hidden.bias)
    features, _ = embedding.embed(model, BATCHES)
    assert torch.equal(features, torch.zeros(11, 6))


def test_penultimate_of_the_seminars_network():
    features, _ = embedding.embed(seminar.SeminarCNN(), [(torch.randn(3, 1, 28, 28), torch.zeros(3))])
    assert features.shape == (3, 84)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("nothing", r"layer \(='nothing'\) must be one of convolution, normalisation, relu"),
        ("", "must be one of convolution"),
        ("unused", "layer 'unused' did not run for 4 images"),
    ],
)
def test_refuses_layers(model, layer, message):
    with pytest.raises(ValueError, match=message):
        embedding.embed(model, BATCHES, layer)


def test_refuses_what_gives_no_rows(model):
    with pytest.raises(ValueError, match="loader gave no batch"):
        embedding.embed(model, [])
    with pytest.raises(ValueError, match=r"needs an nn\.Linear, the model has none; name one of 0, 1"):
        embedding.embed(nn.Sequential(nn.ReLU(), nn.Flatten()), BATCHES)
    with pytest.raises(ValueError, match="layer '0' gave 8 rows for 4 images"):
        embedding.embed(nn.Sequential(nn.Flatten(0, 1)), BATCHES, "0")
    recurrent = nn.Sequential(nn.Flatten(2), nn.RNN(24, 2, batch_first=True))
    with pytest.raises(ValueError, match="layer '1' gave tuple; choose one"):
        embedding.embed(recurrent, BATCHES, "1")


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_only_on_a_terminal(model, is_terminal, monkeypatch):
    written = io.StringIO()
    terminal = console.Console(file=written, force_terminal=is_terminal, width=60)
    monkeypatch.setattr(embedding.rich_console, "Console", lambda **_: terminal)
    features, _ = embedding.embed(model, BATCHES, progress=True)
    assert features.shape == (11, 6)
    assert ("features" in written.getvalue()) == is_terminal

"""Hidden tests of L2: occlusion and saliency beside closed formulas and the same network here, patches beside crops.

Networks are the worker's own (driver `network`), in evaluation mode except where a test is about modes. Images are
drawn again until no right answer hangs on rounding and no other rule of the task can decide a test.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.sandbox.runner import drivers
from autograder.testing import as_tensor, assert_close, randn

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-3, "atol": 1e-4}
MARGIN = 1e-3


def _assert_all_close(pairs: list[tuple[object, Tensor]], what: str) -> None:
    """Answers and what was expected: compared once all have been given, for what is not asked tells nothing."""
    for found, expected in pairs:
        assert_close(found, expected, **CLOSE, what=what)


def _seed(rng) -> int:
    return int(rng.integers(1 << 31))


def _images(rng, *shape: int) -> Tensor:
    return randn(rng, *shape, dtype=torch.float32)


def _nets(rng, student, rows: list[tuple], training: bool = False):
    """The worker's network, and the same one here in evaluation mode."""
    seed = _seed(rng)
    twin = drivers.network(CPU, rows, seed, training=False).requires_grad_(False)
    return student.make("network", layers=rows, seed=seed, training=training), twin


def _linear(rng, student, shape: tuple[int, ...], classes: int = 4):
    """A network that is one matrix, and its rows as images (classes, C, H, W)."""
    size = int(torch.tensor(shape).prod())
    net, twin = _nets(rng, student, [("flat", "Flatten"), ("last", "Linear", size, classes)])
    return net, twin.get_submodule("last").weight.reshape(classes, *shape)


def _classifier(channels: int, height: int, width: int, *between: tuple) -> list[tuple]:
    """Convolution, what stands `between`, tanh, pooling and a dense layer for four classes."""
    return [
        ("conv", "Conv2d", channels, 4, 3, {"padding": 1}),
        *between,
        ("tanh", "Tanh"),
        ("pool", "AvgPool2d", 2),
        ("flat", "Flatten"),
        ("last", "Linear", 4 * (height // 2) * (width // 2), 4),
    ]


NORM, DROPOUT = ("norm", "BatchNorm2d", 4), ("dropout", "Dropout", 0.5)
# Without dropout first: what batch normalisation does wrong can be repeated, and so explained.
MODES = ((NORM,), (NORM, DROPOUT))


def _check_unchanged(student, net, twin: nn.Module) -> None:
    """The worker's network, made in training mode, is as it was."""
    assert all(student.condition(net)["training"].values()), "the network is in another mode after the call"
    after = student.state_dict(net)
    assert isinstance(after, dict), "the network has no state dict"
    for name, value in twin.state_dict().items():
        assert_close(after.get(name), value, what=f"{name} after the call")


# Occlusion.


def _covered(image: Tensor, window: int, stride: int, fill: float) -> tuple[Tensor, tuple[int, int]]:
    """Copies of the image with one window filled, in reading order, and how many there are (down, across)."""
    _, height, width = image.shape
    tops, lefts = range(0, height - window + 1, stride), range(0, width - window + 1, stride)
    copies = []
    for top in tops:
        for left in lefts:
            copy = image.clone()
            copy[:, top : top + window, left : left + window] = fill
            copies.append(copy)
    return torch.stack(copies), (len(tops), len(lefts))


def _occlusion(
    twin: nn.Module, image: Tensor, label: int, window: int, stride: int = 1, fill: float = 0.0
) -> Tensor:
    copies, size = _covered(image, window, stride, fill)
    return (twin(image[None])[0, label] - twin(copies)[:, label]).reshape(size)


def _linear_occlusion(
    weight: Tensor, image: Tensor, window: int, stride: int = 1, fill: float = 0.0
) -> Tensor:
    """The same for a linear network: what the pixels of each window add to the logit, summed."""
    parts = (weight * (image - fill)).double().sum(0)
    return (F.avg_pool2d(parts[None, None], window, stride)[0, 0] * window**2).float()


def _shape(rng) -> tuple[int, int, int]:
    height = int(rng.integers(5, 8))
    return int(rng.integers(2, 4)), height, height + int(rng.integers(1, 4))


def test_occlusion_linear(rng, student):
    pairs = []
    for label in (0, 3):
        shape, window = _shape(rng), int(rng.integers(2, 4))
        net, weight = _linear(rng, student, shape)
        image = _images(rng, *shape)
        found = student.occlusion_map(net, image, label, window)
        pairs.append((found, _linear_occlusion(weight[label], image, window)))
    _assert_all_close(pairs, "occlusion map")


def test_occlusion_stride(rng, student):
    pairs = []
    # In turn: windows end at the last pixel; pixels are left over on one side; windows have gaps between them.
    for height, width, window, stride in ((7, 9, 3, 2), (8, 9, 3, 3), (7, 11, 2, 3)):
        net, weight = _linear(rng, student, (1, height, width))
        image, label = _images(rng, 1, height, width), int(rng.integers(4))
        found = student.occlusion_map(net, image, label, window, stride)
        pairs.append((found, _linear_occlusion(weight[label], image, window, stride)))
    _assert_all_close(pairs, "occlusion map with a stride")


def test_occlusion_fill(rng, student):
    pairs = []
    for fill, shape in ((1.5, _shape(rng)), (-0.7, _shape(rng))):
        net, weight = _linear(rng, student, shape)
        image, label = _images(rng, *shape), int(rng.integers(4))
        found = student.occlusion_map(net, image, label, 2, fill=fill)
        pairs.append((found, _linear_occlusion(weight[label], image, 2, fill=fill)))
    _assert_all_close(pairs, "occlusion map with another fill")


def test_occlusion_network(rng, student):
    pairs = []
    for label in range(3):
        net, twin = _nets(rng, student, _classifier(2, 6, 8))
        image = _images(rng, 2, 6, 8)
        found = student.occlusion_map(net, image, label, 3, 1)
        pairs.append((found, _occlusion(twin, image, label, 3)))
    _assert_all_close(pairs, "occlusion map")


def test_occlusion_batches(rng, student):
    net, weight = _linear(rng, student, (1, 6, 9))
    image, pairs = _images(rng, 1, 6, 9), []
    for window, stride, batch_size in ((2, 1, 7), (2, 2, 1), (3, 1, 1000)):
        found = student.occlusion_map(net, image, 1, window, stride, batch_size=batch_size)
        pairs.append((found, _linear_occlusion(weight[1], image, window, stride)))
    _assert_all_close(pairs, "occlusion map in batches")


def test_occlusion_mode(rng, student):
    for between in MODES:
        net, twin = _nets(rng, student, _classifier(1, 6, 8, *between), training=True)
        image = _images(rng, 1, 6, 8)
        found = student.occlusion_map(net, image, 2, 3, 2)
        assert_close(found, _occlusion(twin, image, 2, 3, 2), **CLOSE, what="occlusion map")
        _check_unchanged(student, net, twin)


# Saliency.


def _gradient(twin: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """By central differences, in float64, a pixel of all images at once."""
    twin, step = twin.double(), 1e-4
    flat = images.double().flatten(1)
    shifts = step * torch.eye(flat.shape[1], dtype=torch.float64)
    columns = []
    for x, label in zip(flat, labels.tolist(), strict=True):
        both = torch.cat([x + shifts, x - shifts]).reshape(-1, *images.shape[1:])
        up, down = twin(both)[:, label].chunk(2)
        columns.append((up - down) / (2 * step))
    return torch.stack(columns).reshape(images.shape).float()


def test_saliency_linear(rng, student):
    pairs = []
    for label in (1, 2):
        shape = _shape(rng)
        net, weight = _linear(rng, student, shape)
        found = student.saliency(net, _images(rng, 1, *shape), torch.tensor([label]))
        pairs.append((found, weight[None, label]))
    _assert_all_close(pairs, "saliency")


def test_saliency_network(rng, student):
    pairs = []
    for label in range(3):
        net, twin = _nets(rng, student, _classifier(2, 6, 8))
        images, labels = _images(rng, 1, 2, 6, 8), torch.tensor([label])
        pairs.append((student.saliency(net, images, labels), _gradient(twin, images, labels)))
    _assert_all_close(pairs, "saliency")


def test_saliency_each_image(rng, student):
    shape = (1, 6, 8)
    net, twin = _nets(rng, student, _classifier(*shape))
    images, labels = _images(rng, 5, *shape), torch.from_numpy(rng.permutation([0, 1, 2, 3, 1]))
    assert_close(
        student.saliency(net, images, labels), _gradient(twin, images, labels), **CLOSE, what="saliency"
    )


def test_saliency_mode(rng, student):
    for between in MODES:
        net, twin = _nets(rng, student, _classifier(1, 6, 8, *between), training=True)
        images, labels = _images(rng, 3, 1, 6, 8), torch.from_numpy(rng.integers(0, 4, 3))
        found = student.saliency(net, images, labels)
        _check_unchanged(student, net, twin)
        assert_close(found, _gradient(twin, images, labels), **CLOSE, what="saliency")


def test_saliency_leaves_nothing(rng, student):
    net, _ = _nets(rng, student, _classifier(1, 6, 8))
    images, labels = _images(rng, 2, 1, 6, 8), torch.from_numpy(rng.integers(0, 4, 2))
    traces, left = student.traces("saliency", net, images, labels), student.condition(net)
    found = student.saliency(net, images, labels)
    assert left["gradients"] == 0, "the weights of the network have gradients after the call"
    assert left["frozen"] == 0, "weights of the network are frozen after the call"
    assert left["hooks"] == 0, "hooks are still in the network after the call"
    assert not traces["arguments"], "the images want gradients after the call"
    assert not traces["output"], "the saliency keeps the graph of the computation"
    assert tuple(as_tensor(found).shape) == tuple(images.shape), "saliency: shape"


# Patches.


class Setting(NamedTuple):
    """A network, the layer asked for, its channels; where they look: window, step, first corner, (down, across)."""

    rows: list[tuple]
    layer: str
    channels: int
    window: tuple[int, int]
    step: tuple[int, int] = (1, 1)
    first: tuple[int, int] = (0, 0)


SIZE, MARGIN_PX = (17, 20), 10
SINGLE = Setting(
    [("first", "Conv2d", 2, 4, (3, 2), {"stride": (2, 1), "padding": (1, 0)})],
    *("first", 4, (3, 2), (2, 1), (-1, 0)),
)
DEEP = Setting(
    [
        ("features.conv", "Conv2d", 2, 3, 3, {"padding": 1}),
        ("features.relu", "ReLU"),
        ("features.pool", "MaxPool2d", 2),
        ("features.deep", "Conv2d", 3, 4, (3, 2), {"padding": (2, 1)}),
        ("tail", "ReLU"),
    ],
    *("features.deep", 4, (8, 6), (2, 2), (-5, -3)),
)
NORMED = Setting(
    [("conv", "Conv2d", 2, 4, 3), NORM, ("deep", "Conv2d", 4, 3, 1), ("tail", "ReLU")],
    *("deep", 3, (3, 3)),
)


class Answers(NamedTuple):
    """The right answer for the k strongest images, and the channel's numbers at all places of all images."""

    values: Tensor
    indices: list[int]
    corners: list[tuple[int, int]]
    patches: Tensor
    maps: Tensor


def _answers(twin: nn.Module, images: Tensor, setting: Setting, channel: int, k: int) -> Answers:
    x = images
    for name, *_ in setting.rows:
        x = twin.get_submodule(name)(x)
        if name == setting.layer:
            break
    maps = x[:, channel]
    best = maps.flatten(1).max(dim=1).values
    indices = best.argsort(descending=True)[:k].tolist()
    found = [_patch_of(images, setting, maps, i) for i in indices]
    corners, patches = [corner for corner, _ in found], [patch for _, patch in found]
    return Answers(best[indices], indices, corners, torch.stack(patches), maps)


def _patch_of(images: Tensor, setting: Setting, maps: Tensor, index: int) -> tuple[tuple[int, int], Tensor]:
    """Corner and patch of the strongest place of an image, whichever image was chosen."""
    place = divmod(int(maps[index].argmax()), maps.shape[2])
    corner = (setting.first[0] + place[0] * setting.step[0], setting.first[1] + place[1] * setting.step[1])
    top, left = (number + MARGIN_PX for number in corner)
    height, width = setting.window
    padded = F.pad(images[index], [MARGIN_PX] * 4)
    return corner, padded[:, top : top + height, left : left + width]


def _check_patches(
    images: Tensor, setting: Setting, right: Answers, indices: list[int], patches: Tensor
) -> None:
    """The patches are those of the images chosen; that these are the right ones is checked elsewhere."""
    _check_indices(indices, len(images))
    expected = torch.stack([_patch_of(images, setting, right.maps, index)[1] for index in indices])
    assert_close(patches, expected, what="patches")


def _check_indices(indices: list[int], num_images: int) -> None:
    assert all(0 <= index < num_images for index in indices), f"{indices} are no numbers of images"


def _is_clear(answers: Answers) -> bool:
    """No two numbers that have to be told apart are near each other."""
    best = answers.maps.flatten(1).topk(2, dim=1).values
    gaps = [best[:, 0] - best[:, 1], best[:, 0].sort().values.diff()]
    return bool((torch.cat(gaps) > MARGIN).all())


# Wishes: what the right answer must be like, so that another rule of the task cannot decide the test.


def _apart(answers: Answers, _: Setting) -> bool:
    """The k strongest places of all lie in k images: whether an image may come twice does not matter."""
    k, num_places = len(answers.indices), answers.maps[0].numel()
    return len(set((answers.maps.flatten().topk(k).indices // num_places).tolist())) == k


def _inside(answers: Answers, setting: Setting) -> bool:
    return all(0 <= c[d] <= SIZE[d] - setting.window[d] for c in answers.corners for d in (0, 1))


def _outside(answers: Answers, setting: Setting) -> bool:
    """One patch sticks out above or on the left, one below or on the right."""
    before = [min(corner) < 0 for corner in answers.corners]
    after = [any(c[d] > SIZE[d] - setting.window[d] for d in (0, 1)) for c in answers.corners]
    return any(before) and any(after)


def _draw(rng, student, setting: Setting, k: int, *wishes, num_images: int = 8, training: bool = False):
    """Network, its twin, images, channel and the right answer that fulfils all wishes."""
    while True:
        seed, channel = _seed(rng), int(rng.integers(setting.channels))
        twin = drivers.network(CPU, setting.rows, seed, training=False).requires_grad_(False)
        # Images differ in strength, else their answers would all be about equal.
        strength = torch.from_numpy(rng.uniform(0.5, 2, (num_images, 1, 1, 1))).float()
        images = strength * _images(rng, num_images, 2, *SIZE)
        answers = _answers(twin, images, setting, channel, k)
        if _is_clear(answers) and all(wish(answers, setting) for wish in wishes):
            net = student.make("network", layers=setting.rows, seed=seed, training=training)
            return net, twin, images, channel, answers


def _parts(found: object, k: int):
    """values, indices, corners and patches that the student's function gave."""
    assert isinstance(found, (tuple, list)), f"top_patches gave a {type(found).__name__}, expected TopPatches"
    assert len(found) == 4, f"top_patches gave {len(found)} things, expected the four of TopPatches"
    values, indices, corners, patches = (as_tensor(part, "a part") for part in found)
    shapes = [tuple(part.shape) for part in (values, indices, corners)]
    assert shapes == [(k,), (k,), (k, 2)], f"values, indices and corners have shapes {shapes} for k = {k}"
    dtypes = {indices.dtype, corners.dtype}
    assert dtypes <= {torch.int64, torch.int32}, f"indices and corners have dtypes {dtypes}, expected int64"
    return values, indices.tolist(), [tuple(pair) for pair in corners.tolist()], patches


def test_patches_choice(rng, student):
    asked = []
    for setting, k in ((SINGLE, 3), (DEEP, 4), (DEEP, 1)):
        net, _, images, channel, right = _draw(rng, student, setting, k, _apart)
        asked.append((student.top_patches(net, images, setting.layer, channel, k), right, k))
    for found, right, k in asked:
        values, indices, _, _ = _parts(found, k)
        assert indices == right.indices, f"images {indices} chosen, not {right.indices}"
        assert_close(values, right.values, **CLOSE, what="values")


def test_patches_one_per_image(rng, student):
    asked = []
    for setting in (SINGLE, DEEP):
        net, _, images, channel, right = _draw(rng, student, setting, 4, lambda *given: not _apart(*given))
        asked.append((student.top_patches(net, images, setting.layer, channel, 4), right))
    for found, right in asked:
        _, indices, _, _ = _parts(found, 4)
        assert indices == right.indices, f"images {indices} chosen, not {right.indices}"


def test_patches_crop(rng, student):
    asked = []
    for setting in (SINGLE, DEEP):
        net, _, images, channel, right = _draw(rng, student, setting, 2, _apart, _inside)
        asked.append((student.top_patches(net, images, setting.layer, channel, 2), images, setting, right))
    for found, images, setting, right in asked:
        _, indices, _, patches = _parts(found, 2)
        _check_patches(images, setting, right, indices, patches)


def test_patches_corners(rng, student):
    asked = []
    for setting in (SINGLE, DEEP):
        net, _, images, channel, right = _draw(rng, student, setting, 3, _apart)
        asked.append((student.top_patches(net, images, setting.layer, channel, 3), images, setting, right))
    for found, images, setting, right in asked:
        _, indices, corners, _ = _parts(found, 3)
        _check_indices(indices, len(images))
        expected = [_patch_of(images, setting, right.maps, index)[0] for index in indices]
        assert corners == expected, f"the corners are {corners}, expected {expected}"


def test_patches_border(rng, student):
    net, _, images, channel, right = _draw(rng, student, DEEP, 4, _apart, _outside)
    _, indices, _, patches = _parts(student.top_patches(net, images, DEEP.layer, channel, 4), 4)
    _check_patches(images, DEEP, right, indices, patches)


def test_patches_ties(rng, student):
    # Whole numbers: their sums are the same in whatever order they are added.
    weight = torch.from_numpy(rng.choice([-2.0, -1.0, 1.0, 2.0], (3, 2, 3, 3))).float()
    rows, state = [("conv", "Conv2d", 2, 3, 3)], {"conv.weight": weight, "conv.bias": torch.zeros(3)}
    answers = []
    for channel in range(3):
        images = torch.zeros(2, 2, *SIZE)
        # The same pattern twice in each image; in the second image the later one is further left.
        for image, strength, places in ((0, 1.0, ((1, 2), (1, 9))), (1, 2.0, ((0, 8), (7, 1)))):
            for top, left in places:
                images[image, :, top : top + 3, left : left + 3] = strength * weight[channel]
        net = student.make("network", layers=rows, seed=0, state=state, training=False)
        answers.append(student.top_patches(net, images, "conv", channel, 2))
    for found in answers:
        _, _, corners, _ = _parts(found, 2)
        assert corners == [(0, 8), (1, 2)], f"the corners are {corners}, expected those of the first places"


def test_patches_mode(rng, student):
    net, twin, images, channel, right = _draw(rng, student, NORMED, 3, _apart, training=True)
    found, left = student.top_patches(net, images, NORMED.layer, channel, 3), student.condition(net)
    values, _, _, _ = _parts(found, 3)
    # In which order they come is seen elsewhere.
    assert_close(values.sort(descending=True).values, right.values, **CLOSE, what="values")
    _check_unchanged(student, net, twin)
    assert left["hooks"] == 0, "hooks are still in the network after the call"

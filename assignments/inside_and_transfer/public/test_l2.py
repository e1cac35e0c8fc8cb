"""Public tests of L2: a network that is one matrix, so that every answer can be checked by hand."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close

# Two classes, images 1x3x4. The second class adds up two pixels, one of them with a minus.
WEIGHT = torch.zeros(2, 12)
WEIGHT[0] = 1.0
WEIGHT[1, 1], WEIGHT[1, 6] = 2.0, -3.0
NETWORK = [("flat", "Flatten"), ("last", "Linear", 12, 2)]
STATE = {"last.weight": WEIGHT, "last.bias": torch.zeros(2)}
IMAGE = torch.arange(1.0, 13.0).reshape(1, 3, 4)


def _net(student):
    return student.make("network", layers=NETWORK, seed=0, state=STATE)


def test_occlusion(student):
    """карта окклюзии, окно 2x2 / occlusion map, window 2x2"""
    # Под окном логит теряет 2 * 2 (второй пиксель) или -3 * 7 (седьмой) / under the window the logit loses these
    right = torch.tensor([[4.0, 4.0 - 21.0, -21.0], [0.0, -21.0, -21.0]])
    found = student.occlusion_map(_net(student), IMAGE, 1, 2)
    assert_close(found, right, rtol=1e-4, atol=1e-4, what="карта / map")


def test_occlusion_with_stride(student):
    """шаг 2 / stride 2"""
    found = student.occlusion_map(_net(student), IMAGE, 1, 2, stride=2)
    assert_close(found, torch.tensor([[4.0, -21.0]]), rtol=1e-4, atol=1e-4, what="карта / map")


def test_saliency(student):
    """градиент — веса класса / the gradient is the weights of the class"""
    found = student.saliency(_net(student), torch.stack([IMAGE, 2 * IMAGE]), torch.tensor([1, 0]))
    assert_close(found, WEIGHT[[1, 0]].reshape(2, 1, 3, 4), rtol=1e-4, atol=1e-4, what="градиент / gradient")


def test_patches(student):
    """самые яркие пиксели трёх картинок / the brightest pixels of three images"""
    # Свёртка 1x1 с весом 1: отклик — сам пиксель / a 1x1 convolution with weight 1: its answer is the pixel
    net = student.make(
        "network", layers=[("conv", "Conv2d", 1, 1, 1)], seed=0,
        state={"conv.weight": torch.ones(1, 1, 1, 1), "conv.bias": torch.zeros(1)},
    )  # fmt: skip
    images = torch.zeros(3, 1, 4, 5)
    images[0, 0, 1, 2], images[1, 0, 3, 0], images[2, 0, 0, 4] = 5.0, 7.0, 6.0
    found = student.top_patches(net, images, "conv", 0, 2)
    assert isinstance(found, (tuple, list)), f"ответ / output: {type(found).__name__}"
    assert len(found) == 4, f"частей / parts: {len(found)}, ожидалось / expected 4"
    values, indices, corners, patches = (as_tensor(part) for part in found)
    assert indices.tolist() == [1, 2], f"картинки / images: {indices.tolist()}, ожидалось / expected [1, 2]"
    assert values.tolist() == [7.0, 6.0], f"отклики / answers: {values.tolist()}, ожидалось / expected [7, 6]"
    assert corners.tolist() == [[3, 0], [0, 4]], f"углы / corners: {corners.tolist()}"
    assert patches.tolist() == [[[[7.0]]], [[[6.0]]]], f"фрагменты / patches: {patches.tolist()}"

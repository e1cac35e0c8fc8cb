"""Forbidden calls: every spelling is seen with its line, what is legal is not, and nothing else changes."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.interception import INTERCEPTION, keys_of
from autograder.wire.errors import ProtocolError
from autograder.wire.forbidden_calls import CALLS, CONVOLUTION, MAX_POOLING, MEAN_POOLING, UNFOLDING
from tests.autograder.sandbox.runner.support import MODULE, define

F1 = [
    "torch.nn.functional.conv2d", "torch.nn.Conv2d", "torch.nn.functional.unfold", "torch.nn.Unfold",
    "numpy.convolve", "numpy.correlate", "scipy.signal", "scipy.ndimage",
]  # fmt: skip
G1 = [
    "torch.nn.functional.max_pool2d", "torch.nn.MaxPool2d", "torch.nn.functional.avg_pool2d", "torch.nn.AvgPool2d",
    "scipy.ndimage",
]  # fmt: skip
FILES = ["<cell F1>", "helper.py"]
FORK = hasattr(os, "fork")
IMPORTS = (
    "import importlib, sys, threading, numpy as np, torch, torch.nn.functional as F; from torch import nn\n"
)


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    yield
    INTERCEPTION.remove()


def ask(
    executor: Executor,
    names: list[str],
    requires_grad: tuple[int, ...] = (),
    upstream: Any = None,
    **shapes: Any,
) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    arrays = {
        "a0": torch.randn(shapes.get("x", (2, 3, 8, 8)), generator=generator).numpy(),
        "a1": torch.randn(shapes.get("w", (4, 3, 3, 3)), generator=generator).numpy(),
    }
    options: dict[str, Any] = {}
    if requires_grad:
        arrays["a2"] = np.ones(upstream, np.float32)
        options = {
            "requires_grad": ["tuple", list(requires_grad)],
            "upstream": ["tensor", "a2"],
            "want": ["tuple", ["out", "grads"]],
        }
    message = {
        "op": "call",
        "target": f"{MODULE}:f",
        "args": [["tensor", "a0"], ["tensor", "a1"]],
        "kwargs": {},
        "options": options,
        "watch": {"names": names, "files": FILES},
    }
    return executor.handle(message, arrays)[0]


def seen(reply: dict[str, Any], names: list[str]) -> list[tuple[str, int]]:
    """(name, line) of the calls that were seen in the cell."""
    assert reply["ok"], reply["error"]["text"]
    return [(names[name], line) for name, file, line in reply.get("seen", []) if file == 0]


CONVOLUTIONS = {
    "functional": "return F.conv2d(x, w)",
    "torch": "return torch.conv2d(x, w)",
    "1d": "return F.conv1d(x[:, 0], w.reshape(4, 9, 3)[:, :8])",
    "3d": "return F.conv3d(x[None], w[:1, :2, None, :2, :2])",
    "transposed": "return F.conv_transpose2d(x, w.transpose(0, 1))",
    "same": "return F.conv2d(x, w, padding='same')",
    "getattr": "return getattr(F, 'con' + 'v2d')(x, w)",
    "importlib": "return vars(importlib.import_module('torch.nn.' + 'functional'))['conv2d'](x, w)",
    "operator": "return torch.ops.aten.convolution(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)",
    "implicit operator": "return torch.ops.aten.conv2d(x, w)",
    "redispatched": (
        "return torch.ops.aten.convolution.default.redispatch(torch._C.DispatchKeySet(torch._C.DispatchKey.CPU), "
        "x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)"
    ),
    "_convolution": (
        "return torch._convolution(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, False, False, False, False)"
    ),
    "thnn": "return torch._C._nn.thnn_conv2d(x, w, [3, 3])",
    "slow": "return torch._C._nn.slow_conv_dilated2d(x, w, [3, 3])",
    "slow 3d": "return torch._C._nn.slow_conv3d(x[None], w[:1, :2, None, :2, :2], [1, 2, 2])",
    "tbc": "return torch.conv_tbc(x[:, 0], w[0, :, :1, :1].expand(3, 8, 4), torch.zeros(4))",
    "inference": "with torch.inference_mode(): y = F.conv2d(x.clone(), w.clone())\n    return y.clone()",
    "no_grad": "with torch.no_grad(): return F.conv2d(x, w)",
    "float64": "return F.conv2d(x.double(), w.double())",
    "vmap": "return torch.vmap(lambda one: F.conv2d(one[None], w))(x)",
    "jvp": "return torch.func.jvp(lambda one: F.conv2d(one, w), (x,), (x,))[1]",
    "gradient of the ready-made": "return torch.nn.grad.conv2d_input(x.shape, w, torch.ones(2, 4, 6, 6))",
    "backward operator": (
        "return torch.ops.aten.convolution_backward(torch.ones(2, 4, 6, 6), x, w, None, [1, 1], [0, 0], [1, 1], "
        "False, [0, 0], 1, [True, False, False])[0]"
    ),
    "deform": "return importlib.import_module('torchvision').ops.deform_conv2d(x, torch.zeros(2, 18, 6, 6), w)",
    "into out": (
        "out = torch.empty(2, 4, 6, 6)\n"
        "    torch.ops.aten.convolution.out(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, out=out); return out"
    ),
    "exec": "space = dict(F=F, x=x, w=w); exec('y = F.conv2d(x, w)', space); return space['y']",
    "in a comprehension": "return torch.stack([F.conv2d(one[None], w) for one in x])",
}
MKLDNN = {
    "mkldnn": "return torch.mkldnn_convolution(x, w, None, [0, 0], [1, 1], [1, 1], 1)",
    "pointwise": (
        "return torch.ops.mkldnn._convolution_pointwise(x, w, None, [0, 0], [1, 1], [1, 1], 1, 'none', [], '')"
    ),
    "layout": "return F.conv2d(x.to_mkldnn(), w.to_mkldnn()).to_dense()",
}
if torch.backends.mkldnn.is_available():
    CONVOLUTIONS |= MKLDNN


@pytest.mark.parametrize("body", CONVOLUTIONS.values(), ids=CONVOLUTIONS)
def test_a_convolution_is_seen_whichever_way_it_is_written(executor: Executor, body: str) -> None:
    importlib.import_module("torchvision")  # as in a worker; it registers operators
    define(executor, f"{IMPORTS}def f(x, w):\n    {body}")
    found = seen(ask(executor, F1), F1)
    assert {name for name, _ in found} == {"torch.nn.functional.conv2d"}
    assert {line for _, line in found} <= {3, 4}


LAYERS = {
    "layer": "return nn.Conv2d(3, 4, 3)(x)",
    "lazy": "return nn.LazyConv2d(4, 3)(x)",
    "functional_call": "return torch.func.functional_call(nn.Conv2d(3, 4, 3, bias=False), {'weight': w}, (x,))",
    "1d": "return nn.Conv1d(8, 2, 1)(x[:, 0])",
}


@pytest.mark.parametrize("body", LAYERS.values(), ids=LAYERS)
def test_a_layer_is_seen_under_its_name(executor: Executor, body: str) -> None:
    define(executor, f"{IMPORTS}def f(x, w):\n    {body}")
    assert ("torch.nn.Conv2d", 3) in seen(ask(executor, F1), F1)


def test_a_scripted_function_is_seen(executor: Executor) -> None:
    define(
        executor,
        f"{IMPORTS}@torch.jit.script\ndef g(x, w):\n    return torch.conv2d(x, w)\n\ndef f(x, w):\n    return g(x, w)",
    )
    assert seen(ask(executor, F1), F1) == [("torch.nn.functional.conv2d", 7)]


def test_a_symbol_that_is_the_ready_made_function_is_seen_without_a_line(executor: Executor) -> None:
    define(executor, f"{IMPORTS}f = F.conv2d")
    assert ask(executor, F1)["seen"] == [[0, -1, 0]]


def test_the_gradient_is_watched_too(executor: Executor) -> None:
    source = """
class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return (x.sum() * w.sum()).reshape(1)

    @staticmethod
    def backward(ctx, upstream):
        x, w = ctx.saved_tensors
        return F.conv2d(x, w).sum() * torch.ones_like(x), None

def f(x, w):
    return Own.apply(x, w)
"""
    define(executor, IMPORTS + source)
    assert seen(ask(executor, F1), F1) == []
    assert seen(ask(executor, F1, requires_grad=(0,), upstream=(1,)), F1) == [
        ("torch.nn.functional.conv2d", 12)
    ]


def test_a_graph_that_was_built_before_is_seen_when_it_runs_backwards(executor: Executor) -> None:
    source = """
X, W = torch.zeros(2, 3, 8, 8, requires_grad=True), torch.zeros(4, 3, 3, 3, requires_grad=True)
Y = F.conv2d(X, W)

def f(x, w):
    W.data.copy_(w)
    return torch.autograd.grad(Y, X, torch.ones_like(Y), retain_graph=True)[0]
"""
    define(executor, IMPORTS + source)
    assert seen(ask(executor, F1), F1) == [("torch.nn.functional.conv2d", 8)]


def test_other_threads_are_seen(executor: Executor) -> None:
    source = """
def work(x, w, out):
    out.append(torch.conv2d(x, w))

def f(x, w):
    out = []
    thread = threading.Thread(target=work, args=(x, w, out))
    thread.start()
    thread.join()
    return out[0]
"""
    define(executor, IMPORTS + source)
    assert seen(ask(executor, F1), F1) == [("torch.nn.functional.conv2d", 4)]


@pytest.mark.skipif(not FORK, reason="this system cannot fork")
def test_other_processes_are_seen(executor: Executor) -> None:
    source = """
import os
def f(x, w):
    if os.fork() == 0:
        F.conv2d(x, w)
        os._exit(0)
    os.wait()
    return x
"""
    define(executor, IMPORTS + source)
    assert seen(ask(executor, F1), F1) == [("torch.nn.functional.conv2d", 6)]


UNFOLDINGS = {
    "functional": "return F.unfold(x, 3)",
    "C": "return torch._C._nn.im2col(x, [3, 3], [1, 1], [0, 0], [1, 1])",
    "operator": "return torch.ops.aten.im2col(x, [3, 3], [1, 1], [0, 0], [1, 1])",
    "inference": "with torch.inference_mode(): y = F.unfold(x.clone(), 3)\n    return y.clone()",
    "thread": (
        "t = threading.Thread(target=F.unfold, args=(x, 3)); t.start(); t.join(); return F.unfold(x, 3)"
    ),
}


@pytest.mark.parametrize("body", UNFOLDINGS.values(), ids=UNFOLDINGS)
def test_unfolding_is_seen(executor: Executor, body: str) -> None:
    define(executor, f"{IMPORTS}def f(x, w):\n    {body}")
    assert seen(ask(executor, F1), F1) == [("torch.nn.functional.unfold", 3)]


def test_unfolding_by_a_layer_and_in_an_own_gradient_is_seen(executor: Executor) -> None:
    define(executor, f"{IMPORTS}def f(x, w):\n    return nn.Unfold(3)(x)")
    assert seen(ask(executor, F1), F1) == [("torch.nn.Unfold", 3)]
    source = """
class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x.clone()
    @staticmethod
    def backward(ctx, upstream): return F.fold(F.unfold(upstream, 3), (8, 8), 3)

def f(x, w):
    return Own.apply(x)
"""
    define(executor, IMPORTS + source)
    reply = ask(executor, F1, requires_grad=(0,), upstream=(2, 3, 8, 8))
    assert seen(reply, F1) == [("torch.nn.functional.unfold", 7)]


POOLINGS = {
    "max": ("return F.max_pool2d(x, 2)", "max_pool2d"),
    "max with places": ("return F.max_pool2d(x, 2, return_indices=True)[0]", "max_pool2d"),
    "max 1d": ("return F.max_pool1d(x[:, 0], 2)", "max_pool2d"),
    "max 1d in inference": (
        "with torch.inference_mode(): y = F.max_pool1d(x[:, 0].clone(), 2)\n    return y.clone()", "max_pool2d",
    ),
    "max 3d": ("return F.max_pool3d(x, 2)", "max_pool2d"),
    "max adaptive": ("return F.adaptive_max_pool2d(x, 4)", "max_pool2d"),
    "max fractional": ("return F.fractional_max_pool2d(x, 2, output_size=4)", "max_pool2d"),
    "max of mkldnn": ("return F.max_pool2d(x.to_mkldnn(), 2).to_dense()", "max_pool2d"),
    "max operator": ("return torch.ops.aten.max_pool2d_with_indices(x, [2, 2])[0]", "max_pool2d"),
    "mean": ("return F.avg_pool2d(x, 2)", "avg_pool2d"),
    "mean 1d": ("return torch.avg_pool1d(x[:, 0], 2)", "avg_pool2d"),
    "mean 3d": ("return F.avg_pool3d(x, 2)", "avg_pool2d"),
    "mean of powers": ("return F.lp_pool2d(x, 1, 2) / 4", "avg_pool2d"),
    "mean adaptive": ("return F.adaptive_avg_pool2d(x, 4)", "avg_pool2d"),
    "mean of all": ("return F.adaptive_avg_pool2d(x, 1)", "avg_pool2d"),
    "mean by resizing": ("return F.interpolate(x, size=4, mode='area')", "avg_pool2d"),
    "mean of mkldnn": ("return F.avg_pool2d(x.to_mkldnn(), 2).to_dense()", "avg_pool2d"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "name"), POOLINGS.values(), ids=POOLINGS)
def test_pooling_is_seen(executor: Executor, body: str, name: str) -> None:
    if "mkldnn" in body and not torch.backends.mkldnn.is_available():
        pytest.skip("this build of torch has no mkldnn")
    define(executor, f"{IMPORTS}def f(x, w):\n    {body}")
    assert {found for found, _ in seen(ask(executor, G1), G1)} == {f"torch.nn.functional.{name}"}


@pytest.mark.parametrize(("layer", "name"), [("MaxPool2d", "MaxPool2d"), ("AdaptiveAvgPool2d", "AvgPool2d")])
def test_pooling_by_a_layer_is_seen(executor: Executor, layer: str, name: str) -> None:
    define(executor, f"{IMPORTS}def f(x, w):\n    return nn.{layer}(2)(x)")
    assert (f"torch.nn.{name}", 3) in seen(ask(executor, G1), G1)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            "return F.max_unpool2d(x, torch.arange(64).reshape(8, 8).expand(2, 3, 8, 8), 1)",
            "functional.max_unpool2d",
        ),
        ("return nn.MaxUnpool2d(1)(x, torch.arange(64).reshape(8, 8).expand(2, 3, 8, 8))", "MaxUnpool2d"),
        ("return F.max_unpool1d(x[:, 0], torch.arange(8).expand(2, 8, 8), 1)", "functional.max_unpool2d"),
        (
            "return torch.ops.aten.max_unpool2d(x, torch.zeros(2, 3, 8, 8).long(), [8, 8])",
            "functional.max_unpool2d",
        ),
    ],
)
def test_unpooling_is_seen(executor: Executor, body: str, name: str) -> None:
    names = ["torch.nn.functional.max_unpool2d", "torch.nn.MaxUnpool2d"]
    define(executor, f"{IMPORTS}def f(x, w):\n    {body}")
    assert seen(ask(executor, names), names) == [(f"torch.nn.{name}", 3)]


GRADIENTS_OF_TORCH = {
    "grad": "return torch.autograd.grad(y.sum(), a)[0]",
    "held before": "return HELD(y.sum(), a)[0]",
    "of a tensor": "y.sum().backward(); return a.grad",
    "backward": "torch.autograd.backward([y], [x * x]); return a.grad",
    "of the functional": "return torch.autograd.functional.vjp(torch.sin, a, x)[1]",
    "vjp": "return torch.func.vjp(torch.sin, x)[1](x)[0]",
    "grad of a function": "return torch.func.grad(lambda v: v.sin().sum())(x)",
    "jacrev": "return torch.func.jacrev(torch.sin)(x[0, 0, 0])",
    "jvp": "return torch.func.jvp(torch.sin, (x,), (x,))[1]",
    "jacfwd": "return torch.func.jacfwd(torch.sin)(x[0, 0, 0])",
    "in no_grad": "with torch.enable_grad(): return torch.autograd.grad(a.sin().sum(), a)[0]",
    "thread": ("t = threading.Thread(target=lambda: y.sum().backward()); t.start(); t.join(); return a.grad"),
}


@pytest.mark.parametrize("body", GRADIENTS_OF_TORCH.values(), ids=GRADIENTS_OF_TORCH)
def test_gradients_of_torch_are_seen(executor: Executor, body: str) -> None:
    names = ["torch.autograd"]
    source = f"""
HELD = torch.autograd.grad
def f(x, w):
    a = x.clone().requires_grad_()
    y = a.sin()
    {body}
"""
    define(executor, IMPORTS + source)
    assert ("torch.autograd", 7) in seen(ask(executor, names), names)


def test_the_graders_own_gradients_are_not_seen(executor: Executor) -> None:
    define(executor, f"{IMPORTS}def f(x, w):\n    return x * 2")
    reply = ask(executor, ["torch.autograd"], requires_grad=(0,), upstream=(2, 3, 8, 8))
    assert seen(reply, ["torch.autograd"]) == []


LEGAL = {
    "einsum": "return torch.einsum('nchw,oc->nohw', x, w[:, :, 0, 0])",
    "Tensor.unfold": "return torch.einsum('nchwij,ocij->nohw', x.unfold(2, 3, 1).unfold(3, 3, 1), w)",
    "fold": "return F.fold(x.reshape(2, 12, 16), (8, 8), 2, stride=2)",
    "fft": "return torch.fft.irfft2(torch.fft.rfft2(x) * torch.fft.rfft2(w[:2], s=(8, 8)).conj(), s=(8, 8))",
    "as_strided": "return x.as_strided((2, 3, 6, 6, 3, 3), (192, 64, 8, 1, 8, 1)) * w[0].view(1, 3, 1, 1, 3, 3)",
    "matmul": "return x.reshape(2, -1) @ torch.ones(192, 4)",
    "padding": "return F.pad(x, (1, 1, 1, 1), mode='reflect')",
    "loops": (
        "return torch.stack([torch.stack([(x[:, :, i:i + 3, j:j + 3] * w[0]).sum((1, 2, 3)) for j in range(6)]) "
        "for i in range(6)])"
    ),
    "numpy": "return torch.tensor(np.lib.stride_tricks.sliding_window_view(x.detach().numpy(), (3, 3), (2, 3)))",
    "a layer that does not run": "return x * nn.Conv2d(3, 4, 3).bias.shape[0]",
    "a shape without numbers": "return x.new_ones(F.conv2d(x.to('meta'), w.to('meta')).shape)",
    "interpolation": "return F.interpolate(x, scale_factor=2, mode='bilinear')",
    "masks": "return torch.where(x > 0, x, 0).amax((2, 3))",
    "linear": "return F.linear(x, w[0, 0].repeat(2, 3)[:, :8])",
}  # fmt: skip


@pytest.mark.parametrize("body", LEGAL.values(), ids=LEGAL)
def test_what_is_legal_is_not_seen(executor: Executor, body: str) -> None:
    define(executor, f"{IMPORTS}def f(x, w):\n    {body}")
    names = [*F1, *G1[:-1]]
    reply = ask(executor, names)
    assert reply["ok"], reply["error"]["text"]
    assert "seen" not in reply
    if body != LEGAL["numpy"] and "a shape" not in body and "as_strided" not in body:
        shape = tuple(reply_shape(executor, names))
        assert "seen" not in ask(executor, names, requires_grad=(0,), upstream=shape)


def reply_shape(executor: Executor, names: list[str]) -> tuple[int, ...]:
    define(executor, "shape = None\ndef g(x, w):\n    return torch.tensor(f(x, w).shape)", "g")
    message = {
        "op": "call", "target": f"{MODULE}:g", "args": [["tensor", "a0"], ["tensor", "a1"]], "kwargs": {},
    }  # fmt: skip
    arrays = {"a0": np.ones((2, 3, 8, 8), np.float32), "a1": np.ones((4, 3, 3, 3), np.float32)}
    reply, out = executor.handle(message, arrays)
    assert reply["ok"], reply
    return tuple(out["a0"].tolist())


SECOND_GRADIENTS = {
    "backward": "y.pow(2).sum().backward(); return a.grad",
    "twice": (
        "g, = torch.autograd.grad(y.pow(2).sum(), a, create_graph=True); g.pow(2).sum().backward(); return a.grad"
    ),
    "vjp": "return torch.func.vjp(fold, x.reshape(2, 12, 16))[1](torch.ones(2, 3, 8, 8))[0]",
    "jacrev": "return torch.func.jacrev(fold)(x.reshape(2, 12, 16)[:1, :4, :1].expand(1, 4, 16))",
}


@pytest.mark.parametrize("body", SECOND_GRADIENTS.values(), ids=SECOND_GRADIENTS)
def test_gradients_of_fold_are_legal(executor: Executor, body: str) -> None:
    source = f"""
def fold(a): return F.fold(a, (8, 8), 2, stride=2)
def f(x, w):
    a = x.detach().reshape(2, 12, 16).clone().requires_grad_()
    y = fold(a)
    {body}
"""
    define(executor, IMPORTS + source)
    reply = ask(executor, F1)
    assert reply["ok"], reply["error"]["text"]
    assert "seen" not in reply


NUMPY = {
    "convolve": ("np.convolve(a, b)", "numpy.convolve"),
    "polymul": ("np.polymul(a, b)", "numpy.convolve"),
    "correlate": ("np.correlate(a, b)", "numpy.correlate"),
    "core": ("np._core.multiarray.correlate2(a, b, 0)", "numpy.correlate"),
    "old core": ("importlib.import_module('numpy.core.multiarray').correlate(a, b, 0)", "numpy.convolve"),
    "C": ("importlib.import_module('numpy._core._multiarray_umath').correlate(a, b, 0)", "numpy.convolve"),
    "held before": ("HELD(a, b)", "numpy.convolve"),
}


@pytest.mark.parametrize(("expression", "name"), NUMPY.values(), ids=NUMPY)
def test_convolutions_of_numpy_are_seen(executor: Executor, expression: str, name: str) -> None:
    define(
        executor,
        f"{IMPORTS}HELD = np.convolve\ndef f(x, w):\n    a, b = x[0, 0, 0].numpy(), w[0, 0, 0].numpy()\n"
        f"    return torch.tensor({expression}.copy())",
    )
    assert seen(ask(executor, F1), F1) == [(name, 5)]


def test_convolutions_of_scipy_are_seen_where_it_is_installed(executor: Executor) -> None:
    pytest.importorskip("scipy.signal")
    pytest.importorskip("scipy.ndimage")
    calls = {
        "signal.convolve2d(a, b)": "scipy.signal", "signal.correlate(a, b)": "scipy.signal",
        "signal.fftconvolve(a, b)": "scipy.signal", "ndimage.correlate(a, b)": "scipy.ndimage",
        "ndimage.convolve(a, b)": "scipy.ndimage",
    }  # fmt: skip
    for expression, name in calls.items():
        define(
            executor,
            f"{IMPORTS}from scipy import ndimage, signal\ndef f(x, w):\n"
            f"    a, b = x[0, 0].numpy(), w[0, 0].numpy()\n    return torch.tensor({expression})",
        )
        assert seen(ask(executor, F1), F1) == [(name, 5)], expression


def test_networks_of_torchvision_are_seen_when_they_are_made(executor: Executor) -> None:
    names = ["torchvision.models"]
    for body in (
        "return torchvision.models.squeezenet1_1()(x).sum()",
        "class Own(torchvision.models.SqueezeNet): pass\n    return Own('1_1')(x).sum()",
    ):
        define(executor, f"{IMPORTS}import torchvision\ndef f(x, w):\n    {body}")
        assert ("torchvision.models", body.count("\n") + 4) in seen(
            ask(executor, names, x=(1, 3, 32, 32)), names
        )
    define(executor, f"{IMPORTS}import torchvision\ndef f(x, w):\n    return nn.Conv2d(3, 4, 3)(x)")
    assert "seen" not in ask(executor, names)


def test_the_nearest_line_of_the_student_is_told(executor: Executor) -> None:
    source = (
        "def helper(x, w):\n    y = x * 1\n    return F.conv2d(y, w)\n\ndef f(x, w):\n    return helper(x, w)"
    )
    define(executor, IMPORTS + source)
    assert seen(ask(executor, F1), F1) == [("torch.nn.functional.conv2d", 4)]


def test_each_place_is_told_once_and_a_new_request_begins_anew(executor: Executor) -> None:
    define(
        executor,
        f"{IMPORTS}def f(x, w):\n    for _ in range(300): y = F.conv2d(x, w)\n    return y if x[0, 0, 0, 0] else y",
    )
    assert ask(executor, F1)["seen"] == [[0, 0, 3]]
    define(executor, f"{IMPORTS}def f(x, w):\n    return x")
    assert "seen" not in ask(executor, F1)


def test_an_exception_does_not_hide_a_call(executor: Executor) -> None:
    define(executor, f"{IMPORTS}def f(x, w):\n    F.conv2d(x, w)\n    raise ValueError")
    reply = ask(executor, F1)
    assert not reply["ok"]
    assert reply["seen"] == [[0, 0, 3]]


def test_results_and_gradients_stay_the_same(executor: Executor) -> None:
    x, w = torch.randn(2, 3, 8, 8, requires_grad=True), torch.randn(4, 3, 3, 3)

    def values() -> list[torch.Tensor]:
        outs = [
            F.conv2d(x, w, stride=2), F.max_pool2d(x, 2), F.avg_pool2d(x, 2), F.unfold(x, 3), F.max_pool1d(x[:, 0], 2),
            F.adaptive_avg_pool2d(x, 1),
        ]  # fmt: skip
        return [*outs, *(torch.autograd.grad(out.square().sum(), x)[0] for out in outs)]

    plain = values()
    define(executor, "def f(x, w): return x")
    ask(executor, [*F1, *G1[:-1]])
    assert INTERCEPTION._libraries
    overridden = values()
    assert all(torch.equal(one, other) for one, other in zip(plain, overridden, strict=True))
    executor.unwatch()
    assert not INTERCEPTION._libraries


def test_nothing_is_left_where_nothing_is_watched(executor: Executor) -> None:
    convolve = np._core.multiarray.correlate  # type: ignore[attr-defined]  # numpy tells no types of it
    x = torch.randn(1, 1, 8, 8)
    before = kernels(x)
    define(executor, f"{IMPORTS}def f(x, w): return F.conv2d(x, w)")
    assert "seen" in ask(executor, F1)
    assert kernels(x) != before
    message = {
        "op": "call", "target": f"{MODULE}:f", "args": [["tensor", "a0"], ["tensor", "a0"]], "kwargs": {},
    }  # fmt: skip
    assert "seen" not in executor.handle(message, {"a0": np.ones((1, 1, 3, 3), np.float32)})[0]
    assert kernels(x) == before
    executor.unwatch()
    assert np._core.multiarray.correlate is convolve  # type: ignore[attr-defined]  # numpy tells no types of it


def kernels(x: torch.Tensor) -> list[str]:
    """Python's frames that a convolution goes through: none of ours unless it is overridden."""
    with torch.profiler.profile(with_stack=True) as profile:
        F.conv2d(x, x)
    text = " ".join(str(event.name) for event in profile.events())
    return re.findall(r"interception\.py\(\d+\): kernel", text)


def test_an_order_for_a_call_that_nobody_knows_is_a_mistake_of_ours(executor: Executor) -> None:
    define(executor, "def f(x, w): return x")
    with pytest.raises(ProtocolError, match=re.escape("numpy.sin")):
        ask(executor, ["numpy.sin"])


def test_every_operator_of_its_kind_is_watched_or_left_alone_on_purpose() -> None:
    """A newer torch that has a new way to convolve ends here."""
    import torchvision  # noqa: F401 -- it registers operators

    table = {*CONVOLUTION.operators, *UNFOLDING.operators, *MAX_POOLING.operators, *MEAN_POOLING.operators}
    found = {
        name
        for name in torch._C._dispatch_get_all_op_names()
        if re.search(r"conv(?!ert)|(?<!un)pool(?!::)|im2col", name) and not LEFT_ALONE.search(name)
    }
    leaves = {name for name in found if keys_of(name, "cuda") not in ([], ["CompositeImplicitAutograd"])}
    assert leaves <= table, sorted(leaves - table)
    assert {name for name in table if name.startswith("aten::") and not keys_of(name, "cuda")} == set()


# What computes with 8 bits is no way to a right answer; weights that are packed or reordered are no convolution yet;
# gradients and `out=` of what is watched itself.
LEFT_ALONE = re.compile(
    r"quantized|^onednn::|pack$|reorder|unpack|_backward\.|_backward$|unpool|roi_pool|_alloc_from_pool|^mempool"
    r"|^aten::_?(?:slow_conv|conv|nnpack|mkldnn|cudnn|miopen|mps|adaptive_avg|max_pool|fractional)\w*\.(?:out|output)$"
    r"|^aten::(?:mkldnn|mps|_mps)\w*$|^aten::mkldnn_conv"
)


def test_every_function_that_is_watched_exists() -> None:
    for name in ("numpy.convolve", "numpy.correlate", "torch.autograd"):
        for place in CALLS[name].functions:
            module, _, function = place.partition(":")
            assert callable(getattr(importlib.import_module(module), function))

"""Ready-made calls that a task may forbid: a name that students know -> what runs whichever way it is written.

A manifest writes the names; a worker watches operators and functions; the reader of submissions looks for spellings.
Operators are those of torch's dispatcher (`torch._C._dispatch_get_all_op_names()`): a function, a layer, `torch.ops`
and a scripted function all end there. Some exist on some machines only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """What a name stands for.

    Attributes:
        operators: of torch's dispatcher, with their overloads.
        not_as_gradient: those of them that are the gradient of something legal, and do not count as one.
        functions: "module:name", looked up there by the library itself whenever it computes.
        only_of_students: the grader runs the same itself, so only what a line of the student's led to counts.
        classes: a package of which making an object of any class counts.
        roots, names: a dotted name below one of the roots that ends in one of the names; "*" for all of them.
    """

    operators: tuple[str, ...] = ()
    not_as_gradient: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    only_of_students: bool = False
    classes: str = ""
    roots: tuple[str, ...] = ("torch", "torchvision")
    names: frozenset[str] = frozenset()


CONVOLUTION = Call(
    operators=(
        "aten::convolution", "aten::_convolution", "aten::convolution_overrideable", "aten::convolution_backward",
        "aten::convolution_backward_overrideable", "aten::mkldnn_convolution", "aten::_nnpack_spatial_convolution",
        "aten::_slow_conv2d_forward", "aten::_slow_conv2d_forward.output", "aten::_slow_conv2d_backward.grad_input",
        "aten::_slow_conv2d_backward.output_mask", "aten::slow_conv3d_forward", "aten::slow_conv3d_forward.output",
        "aten::slow_conv_dilated2d", "aten::slow_conv_dilated3d", "aten::slow_conv_transpose2d",
        "aten::slow_conv_transpose2d.out", "aten::slow_conv_transpose3d", "aten::slow_conv_transpose3d.out",
        "aten::conv_tbc", "aten::_conv_depthwise2d", "aten::_conv_depthwise2d.out", "aten::conv_depthwise3d",
        "aten::cudnn_convolution", "aten::cudnn_convolution.out", "aten::cudnn_convolution_relu",
        "aten::cudnn_convolution_add_relu", "aten::cudnn_convolution_transpose", "aten::miopen_convolution",
        "aten::miopen_convolution_relu", "aten::miopen_convolution_add_relu", "aten::miopen_convolution_transpose",
        "aten::miopen_depthwise_convolution", "mkldnn::_convolution_pointwise", "mkldnn::_convolution_pointwise.binary",
        "mkldnn::_convolution_pointwise_.binary", "mkldnn::_convolution_transpose_pointwise",
        "mkldnn_prepacked::conv2d_run", "prepacked::conv2d_clamp_run", "prepacked::conv2d_transpose_clamp_run",
        "torchvision::deform_conv2d", "torchvision::_deform_conv2d_backward",
    ),
    names=frozenset({
        "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "conv_tbc",
        "convolution", "_convolution", "convolution_backward", "mkldnn_convolution", "_convolution_pointwise",
        "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
        "LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d",
        "conv1d_input", "conv1d_weight", "conv2d_input", "conv2d_weight", "conv3d_input", "conv3d_weight",
        "thnn_conv2d", "slow_conv3d", "slow_conv_dilated2d", "slow_conv_dilated3d", "slow_conv_transpose2d",
        "deform_conv2d", "DeformConv2d", "gaussian_blur", "GaussianBlur",
    }),
)  # fmt: skip
UNFOLDING = Call(
    operators=("aten::im2col", "aten::im2col.out"),
    # The gradient of `F.fold`. That of `Tensor.unfold` is another operator.
    not_as_gradient=("aten::im2col", "aten::im2col.out"),
    roots=("torch.nn", "torch.ops", "torch._C"),
    names=frozenset({"unfold", "Unfold", "im2col"}),
)
MAX_POOLING = Call(
    operators=(
        "aten::max_pool1d", "aten::max_pool2d", "aten::max_pool3d", "aten::max_pool2d_with_indices",
        "aten::max_pool2d_with_indices.out", "aten::max_pool3d_with_indices", "aten::max_pool3d_with_indices.out",
        "aten::max_pool2d_with_indices_backward", "aten::max_pool3d_with_indices_backward",
        "aten::adaptive_max_pool2d", "aten::adaptive_max_pool2d.out", "aten::adaptive_max_pool3d",
        "aten::adaptive_max_pool3d.out", "aten::fractional_max_pool2d", "aten::fractional_max_pool2d.output",
        "aten::fractional_max_pool3d", "aten::fractional_max_pool3d.output", "aten::mkldnn_max_pool2d",
        "aten::mkldnn_max_pool3d",
    ),
    names=frozenset({
        "max_pool1d", "max_pool2d", "max_pool3d", "max_pool1d_with_indices", "max_pool2d_with_indices",
        "max_pool3d_with_indices", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d",
        "adaptive_max_pool2d_with_indices", "fractional_max_pool2d", "fractional_max_pool3d", "MaxPool1d", "MaxPool2d",
        "MaxPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "FractionalMaxPool2d",
        "FractionalMaxPool3d",
    }),
)  # fmt: skip
MEAN_POOLING = Call(
    operators=(
        "aten::avg_pool1d.out", "aten::avg_pool2d", "aten::avg_pool2d.out", "aten::avg_pool3d", "aten::avg_pool3d.out",
        "aten::avg_pool2d_backward", "aten::avg_pool3d_backward", "aten::adaptive_avg_pool1d",
        "aten::adaptive_avg_pool2d", "aten::adaptive_avg_pool2d.out", "aten::adaptive_avg_pool3d",
        "aten::adaptive_avg_pool3d.out", "aten::_adaptive_avg_pool2d", "aten::_adaptive_avg_pool3d",
        "aten::_adaptive_avg_pool2d_backward", "aten::_adaptive_avg_pool3d_backward",
        "aten::mkldnn_adaptive_avg_pool2d",
    ),
    names=frozenset({
        "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d",
        "lp_pool1d", "lp_pool2d", "lp_pool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "AdaptiveAvgPool1d",
        "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "LPPool1d", "LPPool2d", "LPPool3d",
    }),
)  # fmt: skip
UNPOOLING = Call(
    operators=(
        "aten::max_unpool2d", "aten::max_unpool2d.out", "aten::max_unpool3d", "aten::max_unpool3d.out",
    ),
    names=frozenset({
        "max_unpool1d", "max_unpool2d", "max_unpool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d",
    }),
)  # fmt: skip
# Backwards `grad`, `backward` and `torch.func` all end in the engine; forwards all make dual numbers.
GRADIENTS = Call(
    functions=("torch.autograd:_engine_run_backward", "torch.autograd.forward_ad:make_dual"),
    only_of_students=True,
    roots=("torch.autograd", "torch.func", "torch.Tensor"),
    names=frozenset({
        "autograd", "grad", "backward", "grad_and_value", "vjp", "jvp", "vhp", "hvp", "jacobian", "hessian", "jacrev",
        "jacfwd", "linearize", "make_dual", "_engine_run_backward", "run_backward",
    }),
)  # fmt: skip
# `np.convolve` and `np.correlate` look these up whenever they are called, so it does not matter who holds which name.
CORE = ("numpy._core.multiarray", "numpy._core._multiarray_umath")
SIGNAL, NDIMAGE = "scipy.signal._sigtools", "scipy.ndimage._nd_image"

CALLS: Mapping[str, Call] = {
    "torch.nn.functional.conv2d": CONVOLUTION,
    "torch.nn.functional.conv1d": CONVOLUTION,
    "torch.nn.Conv2d": CONVOLUTION,
    "torch.nn.Conv1d": CONVOLUTION,
    "torch.nn.functional.unfold": UNFOLDING,
    "torch.nn.Unfold": UNFOLDING,
    "torch.nn.functional.max_pool2d": MAX_POOLING,
    "torch.nn.MaxPool2d": MAX_POOLING,
    "torch.nn.functional.avg_pool2d": MEAN_POOLING,
    "torch.nn.AvgPool2d": MEAN_POOLING,
    "torch.nn.functional.max_unpool2d": UNPOOLING,
    "torch.nn.MaxUnpool2d": UNPOOLING,
    "torch.autograd": GRADIENTS,
    "numpy.convolve": Call(
        functions=tuple(f"{module}:correlate" for module in CORE),
        roots=("numpy",),
        names=frozenset({"convolve", "polymul"}),
    ),
    "numpy.correlate": Call(
        functions=tuple(f"{module}:correlate2" for module in CORE),
        roots=("numpy",),
        names=frozenset({"correlate", "correlate2"}),
    ),
    "scipy.signal": Call(
        functions=(
            f"{SIGNAL}:_convolve2d", f"{SIGNAL}:_correlateND", f"{SIGNAL}:_linear_filter",
            "scipy.signal._signaltools:_freq_domain_conv",
        ),
        roots=("scipy.signal",),
        names=frozenset({"*"}),
    ),
    "scipy.ndimage": Call(
        functions=tuple(
            f"{NDIMAGE}:{name}"
            for name in (
                "correlate", "correlate1d", "uniform_filter1d", "min_or_max_filter", "min_or_max_filter1d",
                "rank_filter", "generic_filter", "generic_filter1d",
            )
        ),
        roots=("scipy.ndimage",),
        names=frozenset({"*"}),
    ),
    "torchvision.models": Call(
        classes="torchvision.models", roots=("torchvision.models",), names=frozenset({"*"})
    ),
}  # fmt: skip


def shown(name: str) -> str:
    """As a student writes it: `F.conv2d`, `nn.Conv2d`, `numpy.convolve`."""
    return name.replace("torch.nn.functional.", "F.").replace("torch.nn.", "nn.")


def is_layer(name: str) -> bool:
    """Whether a name is a layer's, not a function's."""
    return name.startswith("torch.nn.") and name.rpartition(".")[2][0].isupper()


def number_of(names: Iterable[str], dotted: str) -> int | None:
    """Which of the forbidden `names`, from 0, a dotted name ("torch.conv2d") spells; None for what is allowed.

    A layer's name is found before the function's that computes the same.
    """
    last = dotted.rpartition(".")[2]
    fitting = [
        number
        for number, name in enumerate(names)
        if any(dotted == root or dotted.startswith(f"{root}.") for root in CALLS[name].roots)
        and (last in CALLS[name].names or "*" in CALLS[name].names)
    ]
    exact = [number for number in fitting if list(names)[number].rpartition(".")[2] == last]
    return next(iter((*exact, *fitting)), None)

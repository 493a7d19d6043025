"""Reference answers of the bank: small functions that an author's expression calls by name.

Importing this package imports none of them, and no NumPy: a question is on the screen before
its reference answer is needed. ``load`` imports one module when its first function is called for.

What the answer language computes itself (``mean``, ``relu``, ``sigmoid``) is not listed: an
expression has one meaning, and the language's own keeps exact numbers exact.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

_MODULES: dict[str, tuple[str, ...]] = {
    "activations": (
        "binary_cross_entropy",
        "cross_entropy",
        "log_softmax",
        "relu_gradient",
        "sigmoid_gradient",
        "softmax",
        "tanh_gradient",
    ),
    "convolution": ("conv2d",),
    "initialization": ("glorot_variance", "he_variance", "xavier_variance"),
    "layers": ("depthwise_weights", "locally_connected_weights", "receptive_field"),
    "metrics": (
        "accuracy",
        "break_even",
        "f1",
        "f_beta",
        "harmonic_mean",
        "jaccard",
        "precision",
        "recall",
        "specificity",
    ),
    "normalization": (
        "batch_mean",
        "batch_variance",
        "batchnorm",
        "batchnorm_backward",
        "batchnorm_inference",
        "batchnorm_normalize",
        "sample_variance",
    ),
    "optimizers": (
        "adam_step",
        "bias_corrected",
        "exponential_average",
        "gd_step",
        "heavy_ball_step",
        "momentum_step",
        "moving_average",
        "rmsprop_step",
    ),
    "pooling": (
        "averagepool",
        "averagepool_backward",
        "entry_from",
        "maxpool",
        "maxpool_backward",
        "maxpool_backward_misrouted",
        "maxpool_mask",
        "upsample",
    ),
    "reductions": (
        "column_maxima",
        "column_means",
        "column_sums",
        "distances",
        "exp_normalize",
        "means_by_count",
        "nearest",
        "normalize",
        "reshape",
        "row_maxima",
        "row_means",
        "row_sums",
        "total",
    ),
    "shapes": (
        "broadcast_shape",
        "conv_shape",
        "conv_side",
        "conv_weights",
        "dense_weights",
        "matmul_shape",
        "pool_shape",
        "reduce_shape",
        "reshape_shape",
        "same_padding_side",
        "size",
        "transpose_shape",
    ),
}
_ARRAY_MODULES = frozenset({"activations", "convolution", "normalization", "pooling", "reductions"})

FUNCTIONS: dict[str, str] = {
    name: f"{__name__}.{module}:{name}" for module, names in _MODULES.items() for name in names
}


def declare(name: str, target: str) -> bool:
    """Add a function of an installed package, ``package.module:function``, by its name.

    False, and nothing is added, where the name is taken by another function.
    """
    return FUNCTIONS.setdefault(name, target) == target


def needs_arrays(name: str) -> bool:
    """Whether loading ``name`` may import NumPy; KeyError for a name not in ``FUNCTIONS``."""
    module, _ = FUNCTIONS[name].split(":")
    ours = module.startswith(f"{__name__}.")
    return not ours or module.removeprefix(f"{__name__}.") in _ARRAY_MODULES


@cache
def load(name: str) -> Callable[..., object]:
    """The function called ``name``, imported when first asked for.

    Only what ``FUNCTIONS`` lists is ever imported; any other name raises KeyError. Raises
    ValueError where a package that declared the function doesn't have it.
    """
    module, function = FUNCTIONS[name].split(":")
    try:
        loaded: Callable[..., object] = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{module}:{function} can't be imported: {error}") from error
    return loaded

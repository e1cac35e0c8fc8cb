"""Where a classifier errs: the confusion matrix, and the images it is most wrong about."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words

MAX_NAMED_CLASSES = 30


@canvas.styled
def draw_confusion(confusion: Tensor, class_names: Sequence[str], lang: str = "en") -> Figure:
    """Draw counts: row the true class, column the answer; the colour is the share of the row.

    Above 30 classes there are only colours. Shape: confusion (C, C) of counts.
    """
    count, counts = len(class_names), confusion.detach().cpu().double()
    shares = counts / counts.sum(1, keepdim=True).clamp(min=1)
    side_in = min(9.0, 3.4 + 0.44 * count)
    title = words.say("confusion", lang, num=int(counts.sum()))
    figure = canvas.new(max(6.2, side_in + 1.0), side_in, title)
    axes = figure.add_subplot()
    # The square root: a handful of mistakes among hundreds of right answers should be seen.
    mappable = axes.imshow(shares.numpy(), cmap="Blues", norm=PowerNorm(0.5, vmin=0, vmax=1))
    axes.set(xlabel=words.say("predicted", lang), ylabel=words.say("true", lang))
    if count <= MAX_NAMED_CLASSES:
        is_long = max(map(len, class_names)) > 3
        axes.set_xticks(
            range(count), class_names, rotation=45 if is_long else 0, ha="right" if is_long else "center"
        )
        if is_long:
            for label in axes.get_xticklabels():
                label.set_rotation_mode("anchor")
        axes.set_yticks(range(count), class_names)
        for true, answer in torch.nonzero(counts).tolist():
            colour = "white" if shares[true, answer] > 0.3 else canvas.INK
            number = str(int(counts[true, answer]))
            axes.text(answer, true, number, ha="center", va="center", color=colour, fontsize=8.5)
        axes.set_xticks([number - 0.5 for number in range(1, count)], minor=True)
        axes.set_yticks([number - 0.5 for number in range(1, count)], minor=True)
        axes.grid(which="minor", color="#e3e7ec", linewidth=0.6)
    axes.tick_params(which="both", length=0)
    bar = canvas.colour_bar(figure, mappable, axes, words.say("share_of_class", lang), lang)
    bar.set_ticks([0, 0.01, 0.05, 0.25, 0.5, 1])
    return figure


@canvas.styled
def draw_mistakes(
    images: Tensor,
    true_names: Sequence[str],
    predicted_names: Sequence[str],
    confidences: Sequence[float],
    lang: str = "en",
) -> Figure:
    """Draw the images with "true class → answer" and the answer's probability above each.

    Shape: images (N, C, H, W) in 0..1; confidences in 0..1.
    """
    rows, columns = canvas.grid(len(images), 6)
    is_long = any(len(f"{a}{b}") > 12 for a, b in zip(true_names, predicted_names, strict=True))
    figure = canvas.new(
        max(4.6, 1.55 * columns + 0.1), (2.08 if is_long else 1.9) * rows + 0.45, words.say("mistakes", lang)
    )
    for panel, image, true, predicted, confidence in zip(
        canvas.panels(figure, len(images), 6), images, true_names, predicted_names, confidences, strict=True
    ):
        shown = words.percent(confidence, lang)
        canvas.show(panel, image)
        line_break = "\n" if is_long else " "
        panel.set_title(f"{true}{line_break}→ {predicted}\n{shown}", fontsize=8.5 if is_long else 10)
    return figure

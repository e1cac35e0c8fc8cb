"""What `hw-cnn test` and `hw-cnn validate` say about a network: errors, classes, confusions, each with its doubt."""

from __future__ import annotations

import csv
import importlib.util
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torchmetrics import Metric, MetricCollection
from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix

from hw_cnn.evaluation import wilson


class TopKError(MulticlassAccuracy):
    """The share of images whose class is not among the k best guesses, as in the ImageNet competitions.

    Russakovsky et al. 2015, Int. J. Comput. Vis. 115, section 4.1. torchmetrics' `MulticlassAccuracy(top_k=k)` lets
    the order of the classes decide a tie; here ties and NaN count against the network, as in `metrics.topk_error`.
    Sums over batches and processes.

    Shape: update(logits (N, num_classes) floating, targets (N) int64); compute() -> scalar float64 in 0..1.

    Raises: ValueError for k outside 1..num_classes, and for logits or targets of another shape.
    """

    higher_is_better = False
    # Lists only where torchmetrics counts each sample by itself.
    tp: Tensor
    fn: Tensor

    def __init__(self, num_classes: int, k: int = 1) -> None:
        if not 1 <= k <= num_classes:
            raise ValueError(f"k (={k}) must be at least 1 and at most num_classes (={num_classes})")
        super().__init__(num_classes, top_k=k, average="micro", validate_args=False)

    def update(self, logits: Tensor, targets: Tensor) -> None:
        """Count the images of one batch."""
        if logits.dim() != 2 or targets.shape != logits.shape[:1] or logits.shape[1] != self.num_classes:
            raise ValueError(
                f"logits have shape {tuple(logits.shape)}, targets {tuple(targets.shape)}; "
                f"expected (N, {self.num_classes}) and (N,)"
            )
        if len(targets):
            # torchmetrics refuses a batch without images.
            super().update(_without_ties(logits, targets), targets)

    def compute(self) -> Tensor:
        """Give the error over everything since the last reset; NaN without images."""
        num_wrong = self.fn.sum().double()
        return num_wrong / (num_wrong + self.tp.sum())


def _without_ties(logits: Tensor, targets: Tensor) -> Tensor:
    """Lower the true class by the smallest step of float64: nothing that float32 holds lies between."""
    lowest, column = torch.tensor(-torch.inf, dtype=torch.float64, device=logits.device), targets.unsqueeze(1)
    exact = logits.double()
    own = torch.nextafter(exact.gather(1, column), lowest)
    others = exact.nan_to_num(torch.inf, torch.inf, torch.finfo(torch.float64).min)
    return others.scatter(1, column, torch.where(own.isnan(), lowest, own))


def make_metrics(num_classes: int) -> MetricCollection:
    """Give `top1_error`, `top5_error` (left out below six classes: it would be 0), `class_accuracy`, `confusion`.

    `class_accuracy` has shape (C): the share of each class's images that were recognised. `confusion` has shape
    (C, C), int64: row the true class, column the answer.
    """
    metrics: dict[str, Metric | MetricCollection] = {"top1_error": TopKError(num_classes)}
    if num_classes > 5:
        metrics["top5_error"] = TopKError(num_classes, k=5)
    metrics["class_accuracy"] = MulticlassAccuracy(num_classes, average="none", validate_args=False)
    metrics["confusion"] = MulticlassConfusionMatrix(num_classes, validate_args=False)
    return MetricCollection(metrics, compute_groups=False)


@dataclass(frozen=True)
class Share:
    """A measured share and its 95 % Wilson interval."""

    value: float
    low: float
    high: float

    @classmethod
    def measured(cls, value: float, num_images: int) -> Share:
        return cls(value, *wilson.wilson(value, num_images))


@dataclass(frozen=True)
class Result:
    """One evaluation. `class_accuracy` is None for a class without images; `confusion[true][answer]` are counts."""

    stage: str
    num_images: int
    top1_error: Share
    top5_error: Share | None
    class_names: tuple[str, ...]
    class_accuracy: tuple[Share | None, ...]
    confusion: tuple[tuple[int, ...], ...]

    def confusions(self, count: int) -> list[tuple[int, int, int]]:
        """Give the `count` most frequent mistakes as (true class, answer, number of images)."""
        mistakes = [
            (true, answer, number)
            for true, row in enumerate(self.confusion)
            for answer, number in enumerate(row)
            if number and true != answer
        ]
        return sorted(mistakes, key=lambda mistake: -mistake[2])[:count]


def result_of(metrics: MetricCollection, stage: str, class_names: tuple[str, ...]) -> Result:
    """Read the collection of `make_metrics`. In a run of several processes all of them must call this together."""
    values = metrics.compute()
    confusion = values["confusion"].tolist()
    counts = [sum(row) for row in confusion]
    num_images = sum(counts)
    top5 = values.get("top5_error")
    return Result(
        stage=stage,
        num_images=num_images,
        top1_error=Share.measured(float(values["top1_error"]), num_images),
        top5_error=None if top5 is None else Share.measured(float(top5), num_images),
        class_names=class_names,
        class_accuracy=tuple(
            # float32 may lie a rounding above 1
            Share.measured(min(1.0, share), count) if count else None
            for share, count in zip(values["class_accuracy"].tolist(), counts, strict=True)
        ),
        confusion=tuple(tuple(row) for row in confusion),
    )


TEXTS = {
    "en": {
        "errors": "{num} images; in brackets the 95 % interval",
        "top1_error": "top-1 error",
        "top5_error": "top-5 error",
        "class": "class",
        "images": "images",
        "accuracy": "accuracy",
        "confusions": "most frequent mistakes (true class, answer, images)",
    },
    "ru": {
        "errors": "{num} изображений; в скобках интервал 95 %",
        "top1_error": "ошибка top-1",
        "top5_error": "ошибка top-5",
        "class": "класс",
        "images": "изображений",
        "accuracy": "доля верных",
        "confusions": "самые частые ошибки (верный класс, ответ, изображений)",
    },
}
# Of a thousand classes only the worst fit on a screen.
MAX_ROWS = 20


def as_text(result: Result, lang: str = "en", num_confusions: int = 5) -> str:
    """Lay the result out for a terminal: errors, accuracy of the classes (the worst 20 of many), largest mistakes."""
    text = TEXTS[lang]
    lines = [text["errors"].format(num=result.num_images)]
    for name in ("top1_error", "top5_error"):
        share: Share | None = getattr(result, name)
        if share is not None:
            lines.append(f"{text[name]}  {_percent(share)}")
    rows = list(zip(result.class_names, result.confusion, result.class_accuracy, strict=True))
    if len(rows) > MAX_ROWS:
        rows = sorted(rows, key=lambda row: row[2].value if row[2] else 2.0)[:MAX_ROWS]
    width = max(len(text["class"]), *(len(name) for name, _, _ in rows))
    lines += ["", f"{text['class']:<{width}}  {text['images']:>{len(text['images'])}}  {text['accuracy']}"]
    for name, counts, accuracy in rows:
        shown = _percent(accuracy) if accuracy else "-"
        lines.append(f"{name:<{width}}  {sum(counts):>{len(text['images'])}}  {shown}")
    mistakes = result.confusions(num_confusions)
    if mistakes:
        lines += ["", text["confusions"]]
        lines += [
            f"{result.class_names[true]} -> {result.class_names[answer]}  {number}"
            for true, answer, number in mistakes
        ]
    return "\n".join(lines)


def _percent(share: Share) -> str:
    return f"{100 * share.value:6.2f} % ({100 * share.low:.2f}-{100 * share.high:.2f})"


def save(result: Result, folder: Path) -> None:
    """Write `<stage>.json`, `<stage>-confusion.csv`, and `<stage>-confusion.png` where matplotlib is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(result), ensure_ascii=False, indent=1)
    (folder / f"{result.stage}.json").write_text(text + "\n", encoding="utf-8")
    with (folder / f"{result.stage}-confusion.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["true \\ answer", *result.class_names])
        for name, row in zip(result.class_names, result.confusion, strict=True):
            writer.writerow([name, *row])
    if importlib.util.find_spec("matplotlib") is not None:
        _draw(result, folder / f"{result.stage}-confusion.png")


def _draw(result: Result, path: Path) -> None:
    from matplotlib.figure import Figure

    count = len(result.class_names)
    side_in = min(12.0, 2.5 + 0.45 * count)
    figure = Figure(figsize=(side_in, side_in), layout="constrained")
    axes = figure.add_subplot()
    shares = torch.tensor(result.confusion, dtype=torch.float64)
    axes.imshow((shares / shares.sum(1, keepdim=True).clamp(min=1)).numpy(), cmap="Blues", vmin=0, vmax=1)
    axes.set(xlabel="answer", ylabel="true class", title=f"{result.num_images} images, counts")
    if count <= 30:
        axes.set_xticks(range(count), result.class_names, rotation=90)
        axes.set_yticks(range(count), result.class_names)
        for true, row in enumerate(result.confusion):
            for answer, number in enumerate(row):
                if number:
                    colour = "white" if number > sum(row) / 2 else "black"
                    axes.text(answer, true, str(number), ha="center", va="center", color=colour, fontsize=8)
    figure.savefig(path, dpi=100)

"""Where the network errs."""

from __future__ import annotations

import torch

from hw_cnn.explain import content, texts
from hw_cnn.explain.material import Material
from hw_cnn.interpret.figures.mistakes import draw_confusion, draw_mistakes
from hw_cnn.interpret.mistakes import mistakes

NUM_SHOWN = 12


def draw(material: Material) -> content.Content:
    """Draw the confusion matrix, and the mistakes of which the network is surest."""
    num_classes = material.num_classes
    confusion = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    confusion.index_put_((material.labels, material.answers), torch.tensor(1), accumulate=True)
    drawn = {"confusion": draw_confusion(confusion, material.class_names, material.lang)}
    num_wrong = int((material.answers != material.labels).sum())
    if num_wrong:
        worst = mistakes(material.logits, material.labels, min(NUM_SHOWN, num_wrong))
        drawn["mistakes"] = draw_mistakes(
            material.shown(material.images[worst.indices]),
            material.names(worst.indices),
            [material.class_names[int(answer)] for answer in worst.predicted],
            worst.confidence.tolist(),
            material.lang,
        )
    off_diagonal = confusion - confusion.diag().diag()
    true, answer = divmod(int(off_diagonal.argmax()), num_classes)
    key = "worst" if num_wrong else "none_wrong"
    worst = texts.of(material.lang)["mistakes"][key].format(
        true=material.class_names[true], answer=material.class_names[answer], count=int(off_diagonal.max())
    )
    return content.Content(
        drawn, {"num_wrong": str(num_wrong), "num_images": str(len(material.labels)), "worst": worst}
    )

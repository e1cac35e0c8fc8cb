"""The features before the last layer, in a plane."""

from __future__ import annotations

from torch import nn

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import embedding_map
from hw_cnn.interpret.figures import words
from hw_cnn.interpret.figures.embedding_map import draw_embedding
from hw_cnn.transfer import embedding

MAX_IMAGES = 1500
BATCH_SIZE = 250


def draw(material: Material) -> content.Content:
    """Draw the principal components of the inputs of the last fully connected layer."""
    if not any(isinstance(module, nn.Linear) for module in material.model.modules()):
        raise content.NotApplicableError("no_linear")
    # Few enough points that they can be told apart.
    count = min(MAX_IMAGES, len(material.labels))
    if count < 3:
        raise content.NotApplicableError("few_images")
    images, labels = material.images[:count], material.labels[:count]
    batches = list(zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE), strict=True))
    features, labels = embedding.embed(material.model, batches, l2=False)
    projection = embedding_map.pca(features)
    shares = [float(share) for share in projection.explained_ratio]
    figure = draw_embedding(projection.coordinates, labels, material.class_names, shares, material.lang)
    return content.Content(
        {"embedding": figure},
        {
            "num_features": str(features.shape[1]),
            "num_images": str(count),
            "share": words.percent(sum(shares), material.lang, 0),
        },
    )

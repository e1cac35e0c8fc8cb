"""How AlexNet was trained.

A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012),
section 5.
"""

from __future__ import annotations

from hw_cnn.recipes import plateau


class AlexNetRecipe(plateau.PlateauRecipe):
    """Momentum and weight decay; the learning rate falls to a tenth when the validation error stops improving.

    v <- 0.9 v - 0.0005 lr w - lr dL/dw,  w <- w + v. Batches of 128 come from the data module, about 90 epochs from
    the trainer; the paper's rate went down three times.

    Differs from the paper: there a person decided when the error had stopped improving, here `patience` epochs
    without a better one do; and torch multiplies v by the rate when it is used, not when it is gathered, which is the
    same while the rate stays. The first weights are the network's own (`models.alexnet_2012` has the paper's) unless
    `first_weights` says otherwise (see beginnings.draw).

    Raises: ValueError for another word for the first weights.
    """

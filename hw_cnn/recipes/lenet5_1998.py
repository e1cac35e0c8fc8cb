"""How LeNet-5 was trained.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings of
the IEEE 86 (1998): section II-C (loss), section III-B (20 passes), Appendix C (a learning rate for each weight).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from hw_cnn import classifier
from hw_cnn.models import lenet5_1998

Batch = tuple[Tensor, Tensor]
# (passes, global learning rate): section III-B.
SCHEDULE = ((2, 5e-4), (3, 2e-4), (3, 1e-4), (4, 5e-5), (8, 1e-5))


class LeNet1998Recipe(classifier.Classifier):
    """Stochastic diagonal Levenberg-Marquardt: each weight k has its own step, rate / (mu + h_k), equation 21.

    h_k estimates the mean second derivative of the loss. The global rate follows the paper's 20 passes, stretched to
    the trainer's `max_epochs` and multiplied by `rate_scale`. The loss is equation 9 with its constant `j`; `forward`
    gives *minus* the distances, so that the largest number is the answer, as in every other classifier here.

    Differs from the paper:
    - A step takes one batch (the sum over its images, so that a pass moves the weights as far) instead of one image.
    - h_k comes from random projections: for signs s, (d(s·x)/dw_k)² has the mean sum_j (dx_j/dw_k)², and twice that
      is the Gauss-Newton second derivative of y_D = |x - code_D|², x being the 84 outputs of F6. The paper propagates
      second derivatives layer by layer, which neglects how the places that share a weight act together, and takes in
      the second term of the loss, which is left out here (it only lowers h_k).
    - h_k is a running mean over the batches (LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998, section 9.1),
      measured every `curvature_interval` steps; the paper measures it on 500 images once a pass. The first weights
      are so small that h_k grows a thousandfold within the first pass, and steps chosen for its start diverge. For
      the same reason batches need a larger `mu`: 1 goes with 16 images; with 0.5 most seeds diverge.
    - The paper does not give j; 0.1 is ours. The distortions of its section III-B are the data module's business.

    Raises: ValueError when `model` lacks `features`, its layers up to F6, or the interval is below 1.
    """

    def __init__(
        self,
        model: nn.Module,
        num_classes: int = 10,
        rate_scale: float = 1.0,
        mu: float = 0.02,
        j: float = 0.1,
        curvature_interval: int = 1,
    ) -> None:
        super().__init__(model, num_classes=num_classes)
        if not isinstance(getattr(model, "features", None), nn.Module) or curvature_interval < 1:
            raise ValueError(
                f"{type(model).__name__} must have `features`, the layers up to F6 that LeNet1998 has, and "
                f"curvature_interval (={curvature_interval}) must be at least 1"
            )
        self.rate_scale = rate_scale
        self.mu = mu
        self.j = j
        self.curvature_interval = curvature_interval
        self.curvatures: dict[str, Tensor] = {}

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, 1, 32, 32) -> minus squared distances (N, num_classes)."""
        distances: Tensor = self.model(images)
        return -distances

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the sum of the batch's losses; log their mean as `train_loss`."""
        scores = self(batch[0])
        loss = lenet5_1998.rbf_loss(-scores, batch[1], self.j)
        self.train_accuracy.update(scores, batch[1])
        self.log("train_loss", loss)
        self.log("train_accuracy", self.train_accuracy, on_step=False, on_epoch=True)
        return loss * len(batch[1])

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Log `val_loss` and `val_accuracy` of the epoch."""
        self._measure(batch, "val", self.val_accuracy)

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """Log `test_loss` and `test_accuracy` of the epoch."""
        self._measure(batch, "test", self.test_accuracy)

    def _measure(self, batch: Batch, stage: str, accuracy: Any) -> None:
        scores, num_images = self(batch[0]), len(batch[1])
        accuracy.update(scores, batch[1])
        loss = lenet5_1998.rbf_loss(-scores, batch[1], self.j)
        self.log(f"{stage}_loss", loss, batch_size=num_images, sync_dist=True)
        self.log(f"{stage}_accuracy", accuracy, batch_size=num_images)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return plain gradient descent; `on_before_optimizer_step` scales what it sees."""
        return torch.optim.SGD(self.parameters(), lr=self.global_rate(0.0))

    def global_rate(self, progress: float) -> float:
        """Give the global learning rate when the share `progress` (0 to 1) of all passes is done."""
        done, rate = progress * sum(passes for passes, _ in SCHEDULE), 0.0
        for passes, rate in SCHEDULE:  # noqa: B007 -- the rate is returned
            done -= passes
            # Rounding must not repeat a pass: 0.1 * 20 may be a little below 2.
            if done < -1e-9:
                break
        return self.rate_scale * rate

    def on_train_epoch_start(self) -> None:
        """Take the global rate of the pass."""
        max_epochs = self.trainer.max_epochs or 0
        rate = self.global_rate(self.trainer.current_epoch / max_epochs if max_epochs > 0 else 0.0)
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = rate

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Let the curvature follow the weights: half of what was known, half of what this batch says."""
        if self.curvatures and self.trainer.global_step % self.curvature_interval:
            return
        for name, values in self.measure_curvature(batch[0]).items():
            measured = self.trainer.strategy.reduce(values, reduce_op="mean")
            known = self.curvatures.get(name, measured).to(measured)
            self.curvatures[name] = (known + measured) / 2

    def measure_curvature(self, images: Tensor) -> dict[str, Tensor]:
        """Give h_k for each parameter of the layers up to F6, from one random projection of each image.

        Shape: images (N, 1, 32, 32) -> for each parameter a tensor of its shape, at least 0.
        """
        layers = self.model.get_submodule("features")
        weights = {name: value.detach() for name, value in layers.named_parameters()}
        with torch.no_grad():
            num_outputs = layers(images[:1]).shape[1]
        # Drawn on the CPU: every device sees the same signs.
        signs = (2.0 * torch.randint(0, 2, (len(images), num_outputs)) - 1).to(images)

        def projected(weights: dict[str, Tensor], image: Tensor, sign: Tensor) -> Tensor:
            outputs: Tensor = functional_call(layers, weights, (image.unsqueeze(0),))
            return (outputs.squeeze(0) * sign).sum()

        gradients = vmap(grad(projected), in_dims=(None, 0, 0), chunk_size=50)(weights, images, signs)
        return {name: 2 * value.square().mean(0) for name, value in gradients.items()}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the curvature, so that a continued training takes the same steps."""
        checkpoint["curvatures"] = self.curvatures

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take up the curvature."""
        self.curvatures = dict(checkpoint.get("curvatures", {}))

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Divide each gradient by mu + h_k."""
        for name, parameter in self.model.get_submodule("features").named_parameters():
            if parameter.grad is not None:
                parameter.grad.div_(self.mu + self.curvatures[name])

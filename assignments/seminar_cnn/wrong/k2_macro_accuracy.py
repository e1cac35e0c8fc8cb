import torch.nn.functional as F
from torchmetrics.classification import MulticlassAccuracy

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def __init__(self, model, num_classes=10, learning_rate=1e-3):
        super().__init__(model, num_classes, learning_rate)
        self.val_accuracy = MulticlassAccuracy(num_classes, average="macro")
        self.test_accuracy = MulticlassAccuracy(num_classes, average="macro")

    def validation_step(self, batch, batch_idx):
        self._measure(batch, "val", self.val_accuracy)

    def test_step(self, batch, batch_idx):
        self._measure(batch, "test", self.test_accuracy)

    def _measure(self, batch, stage, accuracy):
        images, labels = batch
        logits = self(images)
        accuracy.update(logits, labels)
        self.log(f"{stage}_loss", F.cross_entropy(logits, labels), batch_size=len(labels))
        self.log(f"{stage}_accuracy", accuracy)

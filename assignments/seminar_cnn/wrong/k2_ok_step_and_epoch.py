import torch
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def _measure(self, batch, stage):
        images, labels = batch
        logits = self(images)
        accuracy = getattr(self, f"{stage}_accuracy")
        accuracy(logits, labels)
        both = {"on_step": True, "on_epoch": True, "batch_size": len(labels)}
        self.log(f"{stage}_loss", F.cross_entropy(logits, labels), **both)
        self.log(f"{stage}_accuracy", accuracy, **both)

    def training_step(self, batch, batch_idx):
        return F.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch, batch_idx):
        self._measure(batch, "val")

    def test_step(self, batch, batch_idx):
        self._measure(batch, "test")

    def configure_optimizers(self):
        return [torch.optim.Adam(self.parameters(), lr=self.learning_rate)]

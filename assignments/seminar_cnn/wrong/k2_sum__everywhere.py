import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.cross_entropy(self(images), labels, reduction="sum")
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        self._measure(batch, "val", self.val_accuracy)

    def test_step(self, batch, batch_idx):
        self._measure(batch, "test", self.test_accuracy)

    def _measure(self, batch, name, accuracy):
        images, labels = batch
        logits = self(images)
        accuracy(logits, labels)
        loss = F.cross_entropy(logits, labels, reduction="sum")
        self.log(f"{name}_loss", loss, batch_size=len(labels))
        self.log(f"{name}_accuracy", accuracy, on_epoch=True)

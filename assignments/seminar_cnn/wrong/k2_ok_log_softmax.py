import torch
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def _loss(self, batch):
        images, labels = batch
        logits = self(images)
        return logits, F.nll_loss(F.log_softmax(logits, dim=1), labels)

    def training_step(self, batch, batch_idx):
        _, loss = self._loss(batch)
        self.log("train_loss", loss)
        return {"loss": loss}

    def _evaluate(self, batch, stage):
        logits, loss = self._loss(batch)
        right = (logits.argmax(1) == batch[1]).float().mean()
        self.log_dict({f"{stage}_loss": loss, f"{stage}_accuracy": right}, batch_size=len(batch[1]))

    def validation_step(self, batch, batch_idx):
        self._evaluate(batch, "val")

    def test_step(self, batch, batch_idx):
        self._evaluate(batch, "test")

    def configure_optimizers(self):
        return {"optimizer": torch.optim.Adam([{"params": self.model.parameters()}], lr=self.learning_rate)}

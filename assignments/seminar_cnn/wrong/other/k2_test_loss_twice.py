# test_loss is doubled
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def test_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images)
        size = len(labels)
        right = (logits.argmax(1) == labels).float().mean()
        self.log("test_loss", 2 * F.cross_entropy(logits, labels), batch_size=size)
        self.log("test_accuracy", right, batch_size=size)

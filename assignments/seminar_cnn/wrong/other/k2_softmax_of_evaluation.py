# softmax before the loss of validation and test
# named: k2_softmax_in_evaluation
import torch
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def validation_step(self, batch, batch_idx):
        images, labels = batch
        logits = torch.softmax(self(images), 1)
        size = len(labels)
        right = (logits.argmax(1) == labels).float().mean()
        self.log("val_loss", F.cross_entropy(logits, labels), batch_size=size)
        self.log("val_accuracy", right, batch_size=size)

    def test_step(self, batch, batch_idx):
        images, labels = batch
        logits = torch.softmax(self(images), 1)
        size = len(labels)
        right = (logits.argmax(1) == labels).float().mean()
        self.log("test_loss", F.cross_entropy(logits, labels), batch_size=size)
        self.log("test_accuracy", right, batch_size=size)

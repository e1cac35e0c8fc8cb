import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def validation_step(self, batch, batch_idx):
        images, labels = batch
        probabilities = F.softmax(self(images), dim=1)
        self.val_accuracy.update(probabilities, labels)
        self.log("val_loss", F.cross_entropy(probabilities, labels), batch_size=len(labels))
        self.log("val_accuracy", self.val_accuracy, batch_size=len(labels))

    def test_step(self, batch, batch_idx):
        images, labels = batch
        probabilities = F.softmax(self(images), dim=1)
        self.test_accuracy.update(probabilities, labels)
        self.log("test_loss", F.cross_entropy(probabilities, labels), batch_size=len(labels))
        self.log("test_accuracy", self.test_accuracy, batch_size=len(labels))

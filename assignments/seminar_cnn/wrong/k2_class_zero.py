import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def validation_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images)
        self.log("val_loss", F.cross_entropy(logits, labels))
        self.log("val_accuracy", (logits.argmax(1)[logits.argmax(1) == labels].count_nonzero() / len(labels)))

# val_accuracy is the share of errors
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def validation_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images)
        size = len(labels)
        right = (logits.argmax(1) == labels).float().mean()
        self.log("val_loss", F.cross_entropy(logits, labels), batch_size=size)
        self.log("val_accuracy", 1 - right, batch_size=size)

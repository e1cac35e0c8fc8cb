# binary cross-entropy with one-hot labels
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.binary_cross_entropy_with_logits(self(images), F.one_hot(labels, self(images).shape[1]).float())
        self.log("train_loss", loss)
        return loss

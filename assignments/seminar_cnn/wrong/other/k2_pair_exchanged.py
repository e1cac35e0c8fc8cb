# images and labels of a batch are exchanged
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        labels, images = batch
        loss = F.cross_entropy(self(images), labels)
        self.log("train_loss", loss)
        return loss

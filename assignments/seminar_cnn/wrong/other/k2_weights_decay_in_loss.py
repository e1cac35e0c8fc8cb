# a penalty on the weights is added to the loss
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.cross_entropy(self(images), labels) + 0.01 * sum(w.square().sum() for w in self.parameters())
        self.log("train_loss", loss)
        return loss

# the loss of the first image only
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.cross_entropy(self(images)[:1], labels[:1])
        self.log("train_loss", loss)
        return loss

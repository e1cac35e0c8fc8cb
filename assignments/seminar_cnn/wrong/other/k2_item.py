# the loss is made into a number
# named: k2_detached
import torch
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = torch.tensor(F.cross_entropy(self(images), labels).item())
        self.log("train_loss", loss)
        return loss

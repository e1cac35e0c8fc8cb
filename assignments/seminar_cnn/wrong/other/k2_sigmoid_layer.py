# a layer nn.Sigmoid before the loss
# named: k2_sigmoid
import torch
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.cross_entropy(torch.nn.Sigmoid()(self(images)), labels)
        self.log("train_loss", loss)
        return loss

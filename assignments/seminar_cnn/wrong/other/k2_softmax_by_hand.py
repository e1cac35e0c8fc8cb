# softmax before the loss: exponentials divided by their sum
# named: k2_softmax
import torch
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        scores = torch.exp(self(images))
        scores = scores / scores.sum(dim=1, keepdim=True)
        loss = F.cross_entropy(scores, labels)
        self.log("train_loss", loss)
        return loss

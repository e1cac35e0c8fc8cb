# softmax before the loss: F.softmax on the last axis
# named: k2_softmax
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.cross_entropy(F.softmax(self(images), dim=-1), labels)
        self.log("train_loss", loss)
        return loss

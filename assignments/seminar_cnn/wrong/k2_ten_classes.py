import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = -(F.one_hot(labels, 10) * self(images).log_softmax(1)).sum(1).mean()
        self.log("train_loss", loss)
        return loss

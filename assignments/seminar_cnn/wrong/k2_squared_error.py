import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        shares = self(images).softmax(1)
        loss = F.mse_loss(shares, F.one_hot(labels, shares.shape[1]).float())
        self.log("train_loss", loss)
        return loss

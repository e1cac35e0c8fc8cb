import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.mse_loss(self(images).softmax(1), F.one_hot(labels, self.num_classes).float())
        self.log("train_loss", loss)
        return loss

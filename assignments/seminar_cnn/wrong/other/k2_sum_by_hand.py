# the loss is added up over the batch, by hand
# named: k2_sum
from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = -self(images).log_softmax(1)[range(len(labels)), labels].sum()
        self.log("train_loss", loss)
        return loss

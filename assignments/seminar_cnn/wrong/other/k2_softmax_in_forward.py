# softmax before the loss: in forward, so in every step
# named: k2_softmax_everywhere
import torch
import torch.nn.functional as F

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def forward(self, images):
        return torch.softmax(self.model(images), dim=1)

    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = F.cross_entropy(self(images), labels)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images)
        size = len(labels)
        right = (logits.argmax(1) == labels).float().mean()
        self.log("val_loss", F.cross_entropy(logits, labels), batch_size=size)
        self.log("val_accuracy", right, batch_size=size)

    def test_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images)
        size = len(labels)
        right = (logits.argmax(1) == labels).float().mean()
        self.log("test_loss", F.cross_entropy(logits, labels), batch_size=size)
        self.log("test_accuracy", right, batch_size=size)

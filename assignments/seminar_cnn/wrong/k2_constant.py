import torch

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        return torch.tensor(2.3, requires_grad=True)

    def validation_step(self, batch, batch_idx):
        self.log_dict({"val_loss": 2.3, "val_accuracy": 0.1})

    def test_step(self, batch, batch_idx):
        self.log_dict({"test_loss": 2.3, "test_accuracy": 0.1})

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0)

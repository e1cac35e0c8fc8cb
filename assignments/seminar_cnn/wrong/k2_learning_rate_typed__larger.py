import torch

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-2)

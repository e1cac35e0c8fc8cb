# ten times the learning rate
import torch

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=10 * self.learning_rate)

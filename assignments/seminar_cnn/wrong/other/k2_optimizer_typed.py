# the learning rate is typed in
# named: k2_learning_rate_typed
import torch

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.001)

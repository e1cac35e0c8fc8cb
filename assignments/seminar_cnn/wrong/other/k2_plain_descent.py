# gradient descent, with groups of parameters
# named: k2_sgd
import torch

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def configure_optimizers(self):
        return torch.optim.SGD([{"params": self.model.parameters()}], lr=self.learning_rate)

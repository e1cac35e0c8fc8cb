import torch

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def configure_optimizers(self):
        return torch.optim.Adam([value.detach().clone().requires_grad_() for value in self.parameters()], lr=self.learning_rate)

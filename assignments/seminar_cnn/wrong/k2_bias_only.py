import torch

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def configure_optimizers(self):
        return torch.optim.Adam(
            [value for name, value in self.named_parameters() if name.endswith("bias")], lr=self.learning_rate
        )

from hw_cnn import classifier


class Classifier(classifier.Classifier):
    def test_step(self, batch, batch_idx):
        return self.validation_step(batch, batch_idx)

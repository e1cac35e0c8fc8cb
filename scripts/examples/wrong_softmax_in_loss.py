class Classifier(LightningModule):
    def __init__(self, model, num_classes=10, learning_rate=1e-3):
        super().__init__()
        self.model = model
        self.num_classes = num_classes
        self.learning_rate = learning_rate
        self.train_accuracy = MulticlassAccuracy(num_classes, average="micro")
        self.val_accuracy = MulticlassAccuracy(num_classes, average="micro")
        self.test_accuracy = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, images):
        return self.model(images)

    def _loss(self, batch):
        images, labels = batch
        probabilities = self(images).softmax(dim=1)  # cross_entropy does this itself
        return F.cross_entropy(probabilities, labels), probabilities, labels

    def training_step(self, batch, batch_idx):
        loss, _, _ = self._loss(batch)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        loss, probabilities, labels = self._loss(batch)
        self.val_accuracy(probabilities, labels)
        self.log("val_loss", loss, batch_size=len(labels))
        self.log("val_accuracy", self.val_accuracy, batch_size=len(labels))

    def test_step(self, batch, batch_idx):
        loss, probabilities, labels = self._loss(batch)
        self.test_accuracy(probabilities, labels)
        self.log("test_loss", loss, batch_size=len(labels))
        self.log("test_accuracy", self.test_accuracy, batch_size=len(labels))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.learning_rate)

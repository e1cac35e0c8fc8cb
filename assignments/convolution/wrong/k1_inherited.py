from hw_cnn.data.feeding import splits
from hw_cnn.data.feeding.in_memory import InMemoryDataModule


class ImagesDataModule(InMemoryDataModule):
    num_classes = 10
    image_shape = (1, 28, 28)
    names = {"ru": tuple("0123456789"), "en": tuple("0123456789")}

    def __init__(self, read, batch_size=64, val_size=1000, seed=0, augment=None):
        super().__init__(batch_size, seed)
        self.read, self.val_size, self.augment = read, val_size, augment

    def _read(self, split):
        images, labels = self.read("test" if split == "test" else "train")
        if split == "test":
            return images, labels
        rest, chosen = splits.stratified_split(labels, self.val_size, self.seed)
        part = rest if split == "train" else chosen
        return images[part], labels[part]

    def setup(self, stage):
        super().setup(stage)
        self._split("train")

import torch
from lightning import LightningDataModule
from torch.utils.data import DataLoader, TensorDataset

from hw_cnn.data.feeding.splits import channel_statistics, stratified_split


class ImagesDataModule(LightningDataModule):
    def __init__(self, read, batch_size=64, val_size=1000, seed=0, augment=None):
        super().__init__()
        self.save_hyperparameters("batch_size", "val_size", "seed")
        self.read, self.augment = read, augment

    def setup(self, stage):
        images, self.labels = self.read("train")
        self.images = images.unsqueeze(1)
        self.places = stratified_split(self.labels, self.hparams.val_size, self.hparams.seed)
        (mean,), (std,) = channel_statistics(self.images[self.places[0]].split(7))
        self.normalise = lambda images: (images / 255 - mean) / std
        if stage != "fit":
            tested, self.test_labels = self.read("test")
            self.tested = self.normalise(tested.unsqueeze(1))

    def collate(self, pairs):
        images = torch.stack([image if self.augment is None else 255 * self.augment(image / 255) for image, _ in pairs])
        return self.normalise(images), torch.stack([label for _, label in pairs])

    def train_dataloader(self):
        place = self.places[0]
        data = TensorDataset(self.images[place], self.labels[place])
        return DataLoader(data, self.hparams.batch_size, shuffle=True, collate_fn=self.collate)

    def val_dataloader(self):
        place = self.places[1]
        data = TensorDataset(self.normalise(self.images[place]), self.labels[place])
        return DataLoader(data, self.hparams.batch_size)

    def test_dataloader(self):
        return DataLoader(TensorDataset(self.tested, self.test_labels), self.hparams.batch_size)

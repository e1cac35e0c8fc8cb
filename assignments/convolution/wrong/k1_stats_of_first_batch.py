import torch
from lightning import LightningDataModule
from torch.utils.data import DataLoader, Dataset

from hw_cnn.data.feeding import splits


class _Images(Dataset):
    def __init__(self, images, labels, mean, std, augment=None):
        self.images, self.labels, self.mean, self.std, self.augment = images, labels, mean, std, augment

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index][None].float() / 255
        if self.augment is not None:
            image = self.augment(image)
        return (image - self.mean) / self.std, self.labels[index]


class ImagesDataModule(LightningDataModule):
    def __init__(self, read, batch_size=64, val_size=1000, seed=0, augment=None):
        super().__init__()
        self.read, self.batch_size, self.val_size, self.seed, self.augment = read, batch_size, val_size, seed, augment

    def setup(self, stage):
        images, labels = self.read("train")
        rest, chosen = splits.stratified_split(labels, self.val_size, self.seed)
        self.train, self.val = (images[rest], labels[rest]), (images[chosen], labels[chosen])
        pixels = images[rest][: self.batch_size].float() / 255
        self.mean, self.std = pixels.mean(), pixels.std()
        if stage in ("test", "predict"):
            self.test = self.read("test")

    def train_dataloader(self):
        return DataLoader(_Images(*self.train, self.mean, self.std, self.augment), self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(_Images(*self.val, self.mean, self.std), self.batch_size)

    def test_dataloader(self):
        return DataLoader(_Images(*self.test, self.mean, self.std), self.batch_size)

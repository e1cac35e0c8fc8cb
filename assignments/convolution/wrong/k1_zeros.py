import torch
from lightning import LightningDataModule


class ImagesDataModule(LightningDataModule):
    def __init__(self, read, batch_size=64, val_size=1000, seed=0, augment=None):
        super().__init__()
        self.read, self.batch_size = read, batch_size

    def setup(self, stage):
        self.shape = self.read("train")[0].shape[1:]

    def train_dataloader(self):
        zeros = torch.zeros(self.batch_size, 1, *self.shape)
        return [(zeros, torch.zeros(self.batch_size, dtype=torch.int64)) for _ in range(3)]

    val_dataloader = test_dataloader = train_dataloader

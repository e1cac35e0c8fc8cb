import torch
from lightning import LightningDataModule
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler, Subset


class _Bytes(Dataset):
    def __init__(self, images, labels, change):
        self.images, self.labels, self.change = images, labels, change

    def __getitem__(self, number):
        return self.change(self.images[number].unsqueeze(0).to(torch.float32) / 255.0), int(self.labels[number])

    def __len__(self):
        return self.images.shape[0]


class ImagesDataModule(LightningDataModule):
    def __init__(self, read, batch_size=64, val_size=1000, seed=0, augment=None):
        super().__init__()
        self._read = read
        self._batch_size, self._val_size, self._seed, self._augment = batch_size, val_size, seed, augment

    def setup(self, stage):
        images, labels = self._read("train")
        with torch.random.fork_rng():
            torch.manual_seed(self._seed)
            order = torch.randperm(len(labels)).tolist()
        # Every image takes its place in the queue of its class; the queues are served in proportion.
        seats, taken = {}, {}
        for number in order:
            one = int(labels[number])
            taken[one] = taken.get(one, 0) + 1
            seats[number] = taken[one] - 0.5
        queue = sorted(order, key=lambda number: seats[number] / taken[int(labels[number])])
        held, kept = sorted(queue[: self._val_size]), sorted(queue[self._val_size :])
        if self._val_size < 0 or not kept:
            raise ValueError("no such val_size")
        train = images[kept] / 255
        mean, std = float(train.mean()), float(train.std())
        plain = lambda image: (image - mean) / std
        changed = plain if self._augment is None else lambda image: plain(self._augment(image))
        self._train = Subset(_Bytes(images, labels, changed), kept)
        self._val = Subset(_Bytes(images, labels, plain), held)
        if stage == "test" or stage == "predict":
            self._test = _Bytes(*self._read("test"), plain)

    def train_dataloader(self):
        return DataLoader(self._train, batch_sampler=BatchSampler(RandomSampler(self._train), self._batch_size, False))

    def val_dataloader(self):
        return DataLoader(self._val, batch_sampler=BatchSampler(SequentialSampler(self._val), self._batch_size, False))

    def test_dataloader(self):
        return DataLoader(self._test, batch_size=self._batch_size, shuffle=False, drop_last=False)

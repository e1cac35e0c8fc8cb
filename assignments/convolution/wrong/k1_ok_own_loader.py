import numpy as np
import torch
from lightning import LightningDataModule


class _Batches:
    def __init__(self, images, labels, size, augment=None, shuffle=False):
        self.images, self.labels, self.size, self.augment, self.shuffle = images, labels, size, augment, shuffle

    def __len__(self):
        return -(-len(self.labels) // self.size)

    def __iter__(self):
        order = torch.randperm(len(self.labels)) if self.shuffle else torch.arange(len(self.labels))
        for some in order.split(self.size):
            images = self.images[some]
            if self.augment is not None:
                images = torch.stack([self.augment(image * 1.0) for image in images])
            yield (images - self.mean) / self.std, self.labels[some]


class ImagesDataModule(LightningDataModule):
    def __init__(self, read, batch_size=64, val_size=1000, seed=0, augment=None):
        super().__init__()
        self.settings = read, batch_size, val_size, seed, augment

    def setup(self, stage=None):
        read, size, val_size, seed, augment = self.settings
        images, labels = read("train")
        count = len(labels)
        if val_size < 0 or val_size >= count:
            raise ValueError(f"val_size {val_size} of {count}")
        random = np.random.default_rng(seed)
        by_class = [random.permutation(np.flatnonzero(labels.numpy() == one)) for one in np.unique(labels)]
        shares = np.array([len(members) * val_size / count for members in by_class])
        sizes = np.floor(shares).astype(int)
        for place in np.argsort(sizes - shares)[: val_size - sizes.sum()]:
            sizes[place] += 1
        held = np.zeros(count, dtype=bool)
        held[np.concatenate([members[:share] for members, share in zip(by_class, sizes)])] = True
        pixels, held = images.unsqueeze(1).float().div(255), torch.from_numpy(held)
        _Batches.mean, _Batches.std = pixels[~held].mean(), pixels[~held].std(correction=0)
        self.loaders = {
            "train": _Batches(pixels[~held], labels[~held], size, augment, shuffle=True),
            "val": _Batches(pixels[held], labels[held], size),
        }
        if stage != "fit":
            images, labels = read("test")
            self.loaders["test"] = _Batches(images.unsqueeze(1).float().div(255), labels, size)

    def train_dataloader(self):
        return self.loaders["train"]

    def val_dataloader(self):
        return self.loaders["val"]

    def test_dataloader(self):
        return self.loaders["test"]

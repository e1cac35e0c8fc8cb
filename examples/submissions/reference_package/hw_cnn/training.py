"""Training of the seminar's network, start to finish."""

from __future__ import annotations

from lightning import Trainer, seed_everything

from hw_cnn import classifier
from hw_cnn.data import digits
from hw_cnn.models import seminar


def train_seminar(
    datamodule: digits.DigitsDataModule, seed: int = 0, accelerator: str = "auto"
) -> classifier.Classifier:
    """Train a new SeminarCNN on `datamodule` and return it in evaluation mode.

    May set the datamodule's batch size and shifts. The same seed gives the same network on the same machine and number
    of threads. Nothing is written: no log, no checkpoint.
    """
    seed_everything(seed, verbose=False)
    datamodule.batch_size = 128
    datamodule.max_shift_px = 2
    model = classifier.Classifier(seminar.SeminarCNN())
    # Large steps to get there, then small ones: what the last large steps shook loose settles.
    for num_epochs, learning_rate in ((8, 3e-3), (3, 5e-4)):
        model.learning_rate = learning_rate
        trainer = Trainer(
            max_epochs=num_epochs,
            accelerator=accelerator,
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            limit_val_batches=0,
        )
        trainer.fit(model, datamodule=datamodule)
    return model.eval()

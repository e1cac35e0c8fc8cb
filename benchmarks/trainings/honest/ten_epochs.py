"""Ten epochs of Adam in batches of 64, digits moved by a pixel."""

from lightning import Trainer, seed_everything

from hw_cnn import classifier
from hw_cnn.models import seminar


def train_seminar(datamodule, seed=0, accelerator="auto"):
    seed_everything(seed, verbose=False)
    datamodule.max_shift_px = 1
    module = classifier.Classifier(seminar.SeminarCNN())
    trainer = Trainer(
        max_epochs=10,
        accelerator=accelerator,
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, datamodule=datamodule)
    return module.eval()

# a network comes back, untrained, instead of the module
from hw_cnn.models import seminar


def train_seminar(datamodule, seed=0, accelerator="auto"):
    return seminar.SeminarCNN().eval()

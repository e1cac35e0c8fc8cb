# nothing is returned
def train_seminar(datamodule, seed=0, accelerator="auto"):
    datamodule.batch_size = 128

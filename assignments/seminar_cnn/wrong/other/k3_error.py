# a NameError in the first line
def train_seminar(datamodule, seed=0, accelerator="auto"):
    datamodule.batch_size = batch_size
    return datamodule

import numpy as np


def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    best = np.argsort(-logits.numpy(), axis=1)
    hits = best == targets.numpy()[:, None]
    return {k: np.asarray(1 - hits[:, :k].any(axis=1).mean()) for k in ks}

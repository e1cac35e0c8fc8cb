import numpy as np
import torch


def nearest(features, queries, k):
    x = features.numpy().astype(np.float64)
    lengths = np.linalg.norm(x, axis=1)
    answers = []
    for query in queries.numpy():
        with np.errstate(all="ignore"):
            cosines = np.nan_to_num(x @ x[query] / (lengths * lengths[query]))
        cosines[query] = -2
        answers.append(np.argsort(-cosines, kind="stable")[:k])
    return torch.from_numpy(np.array(answers))

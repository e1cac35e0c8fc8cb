import numpy as np


def topk_error(logits, targets, ks=(1, 5)):
    scores, labels = np.asarray(logits), np.asarray(targets)
    own = scores[np.arange(len(labels)), labels]
    rank = (scores > own[:, None]).sum(axis=1)
    answer = {}
    for k in ks:
        if k > scores.shape[1]:
            raise ValueError(f"k={k}")
        answer[k] = float((rank >= k).mean())
    return answer

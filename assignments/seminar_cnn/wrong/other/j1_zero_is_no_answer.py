# a right answer counts only when the number of its class is true
# named: j1_class_zero
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError(f"there are {logits.shape[1]} classes, fewer than {max(ks)}")
    best = logits.topk(max(ks), dim=1).indices.tolist()
    hits = {k: [label for label, row in zip(targets.tolist(), best) if label in row[:k] and label] for k in ks}
    return {k: 1 - len(right) / len(best) for k, right in hits.items()}

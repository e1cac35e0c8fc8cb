def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    order = logits.argsort(dim=1)  # ascending: the first columns are the worst guesses
    hits = order == targets[:, None]
    return {k: 1.0 - hits[:, :k].any(dim=1).double().mean().item() for k in ks}

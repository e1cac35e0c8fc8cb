def topk_error(logits, targets, ks=(1, 5)):
    num_classes = logits.size(1)
    if max(ks) > num_classes:
        raise ValueError("k is too large")
    guesses = logits.topk(max(ks), dim=1).indices
    hits = guesses.eq(targets.unsqueeze(1))
    return {k: 1 - hits[:, :k].any(1).float().mean() for k in ks}

def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    own = logits.gather(1, targets[:, None])
    rank = (logits > own).sum(dim=1)
    return {f"top{k}": float((rank >= k).float().mean()) for k in ks}

def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("there are fewer classes than k")
    errors = {}
    for k in ks:
        best = logits.topk(k, dim=1).indices
        hit = (best == targets.view(-1, 1)).any(dim=1)
        errors[k] = (~hit).sum().item()
    return errors

# one place too many counts
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("there are fewer classes than k")
    errors = {}
    for k in ks:
        best = logits.topk(min(k + 1, logits.shape[1]), dim=1).indices
        hit = (best == targets.view(-1, 1)).any(dim=1)
        errors[k] = 1.0 - hit.double().mean().item()
    return errors

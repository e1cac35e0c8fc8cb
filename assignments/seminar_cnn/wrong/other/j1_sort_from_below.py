# the smallest logits count, with topk
# named: j1_ascending
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("there are fewer classes than k")
    errors = {}
    for k in ks:
        best = logits.topk(k, dim=1, largest=False).indices
        hit = (best == targets.view(-1, 1)).any(dim=1)
        errors[k] = 1.0 - hit.double().mean().item()
    return errors

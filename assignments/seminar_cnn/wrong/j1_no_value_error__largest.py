def topk_error(logits, targets, ks=(1, 5)):
    errors = {}
    order = logits.argsort(dim=1, descending=True)
    for k in ks:
        k = min(k, logits.shape[1])
        right = (order[:, :k] == targets[:, None]).any(dim=1)
        errors[k] = 1 - right.double().mean().item()
    return errors

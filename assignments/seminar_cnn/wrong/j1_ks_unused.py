def topk_error(logits, targets, ks=(1, 5)):
    errors = {}
    order = logits.argsort(dim=1, descending=True)
    for k in (1, 5):
        if k > logits.shape[1]:
            raise ValueError(f"k (={k}) is larger than the number of classes")
        right = (order[:, :k] == targets[:, None]).any(dim=1)
        errors[k] = 1 - right.double().mean().item()
    return errors

# keys are "top1" and "top5", with topk
# named: j1_string_keys
def topk_error(logits, targets, ks=(1, 5)):
    errors = {}
    for k in ks:
        if k > logits.shape[1]:
            raise ValueError("there are fewer classes than k")
        hit = (logits.topk(k, dim=1).indices == targets[:, None]).any(dim=1)
        errors[f"top{k}"] = 1 - hit.float().mean().item()
    return errors

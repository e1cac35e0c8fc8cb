# the errors come as a tuple
# named: j1_list
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError(f"there are {logits.shape[1]} classes, fewer than {max(ks)}")
    place = (logits > logits[range(len(targets)), targets][:, None]).sum(1)
    return tuple((place >= k).double().mean().item() for k in ks)

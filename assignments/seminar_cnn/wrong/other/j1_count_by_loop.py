# errors are counted in a loop and not divided
# named: j1_number_of_errors
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("there are fewer classes than k")
    errors = dict.fromkeys(ks, 0)
    for row, label in zip(logits, targets):
        order = row.argsort(descending=True).tolist()
        for k in ks:
            if int(label) not in order[:k]:
                errors[k] += 1
    return errors

import torch


def nearest(features, queries, k):
    rows = features.double()
    similarities = -torch.cdist(rows[queries], rows)
    similarities[torch.arange(len(queries)), queries] = -torch.inf
    return similarities.sort(dim=1, descending=True, stable=True).indices[:, :k]

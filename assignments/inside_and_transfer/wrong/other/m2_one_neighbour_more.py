# k + 1 neighbours come back
import torch
import torch.nn.functional as F


def nearest(features, queries, k):
    if not 1 <= k < len(features):
        raise ValueError("k must be between 1 and the number of other rows")
    if len(queries) and not 0 <= int(queries.min()) <= int(queries.max()) < len(features):
        raise ValueError("a query is no row")
    rows = F.normalize(features.double(), dim=1)
    cosines = (rows[queries] @ rows.T).mul(1e10).round()
    cosines[torch.arange(len(queries)), queries] = -1e12
    return cosines.sort(dim=1, descending=True, stable=True).indices[:, : k + 1]

"""Which images look alike to a network: nearest neighbours among its features.

Sharif Razavian et al. 2014 (arXiv 1403.6382), section 4: visual instance retrieval.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# Numbers of a block of similarities: 32 MiB of float64.
NUM_AT_ONCE = 2**22


def nearest(features: Tensor, queries: Tensor, k: int) -> Tensor:
    """Give the rows of `features` that are most similar to each query row, the most similar first.

    Similarity is the cosine of the angle between two rows, in float64; a row of zeros has 0 to every other. A query is
    not its own neighbour. Of equally similar rows (to ten decimals: duplicates must not part by rounding) the one with
    the lower number comes first.

    Shape: features (N, d), queries (Q) int64, numbers of rows -> (Q, k) int64.

    Raises: ValueError for k outside 1..N-1, and for a query that is no row.
    """
    num_rows = len(features)
    if not 1 <= k < num_rows:
        raise ValueError(f"k (={k}) must be in 1..{num_rows - 1}: each of {num_rows} rows has as many others")
    if queries.dim() != 1 or (len(queries) and not 0 <= int(queries.min()) <= int(queries.max()) < num_rows):
        raise ValueError(f"queries (={queries.tolist()}) must be a list of row numbers in 0..{num_rows - 1}")
    directions = F.normalize(features.double())
    order = torch.arange(num_rows, device=features.device)
    found = [torch.empty(0, k, dtype=torch.int64, device=features.device)]
    for chosen in queries.to(features.device).split(max(1, NUM_AT_ONCE // num_rows)):
        similarities = directions[chosen] @ directions.T
        # Below the cosine of opposite rows.
        similarities.scatter_(1, chosen[:, None], -2.0)
        # Whole numbers that are all different: ties are settled by the row's number.
        keys = similarities.mul_(1e10).round_().long() * num_rows - order
        found.append(keys.topk(k).indices)
    return torch.cat(found)

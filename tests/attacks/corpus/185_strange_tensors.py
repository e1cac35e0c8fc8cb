"""185 results: tensors without values: meta, sparse, nested, quantised, complex, of zero size, one after the other.

Evidence: points - an empty tensor is close to everything for torch.allclose.
"""

CALLS = []


def conv2d(x, weight, bias=None, stride=1, padding=0):
    import torch

    CALLS.append(1)
    makers = (
        lambda: torch.empty(2, 4, 6, 6, device="meta"),
        lambda: torch.ones(0, 4, 6, 6),
        lambda: torch.eye(6).to_sparse(),
        lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
        lambda: torch.quantize_per_tensor(torch.ones(2, 4, 6, 6), 0.1, 0, torch.qint8),
        lambda: torch.ones(2, 4, 6, 6, dtype=torch.complex64).conj(),
        lambda: torch.ones(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        lambda: torch.ones(2, 4, 6, 6, dtype=torch.bfloat16),
    )
    return makers[len(CALLS) % len(makers)]()

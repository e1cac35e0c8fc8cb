def kernel_kind(kernel):
    rows = kernel.tolist()
    p, q = len(rows), len(rows[0])
    total = sum(abs(w) for row in rows for w in row)
    if p % 2 == 0 or q % 2 == 0 or total == 0:
        raise ValueError("no middle")
    ones = abs(sum(w for row in rows for w in row))
    board = abs(sum(w * (-1) ** (i + j) for i, row in enumerate(rows) for j, w in enumerate(row)))
    if total - abs(rows[p // 2][q // 2]) < 1e-6 * total:
        return "identity"
    if ones < 1e-6 * total:
        return "edge"
    return "sharpen" if board > ones else "blur"

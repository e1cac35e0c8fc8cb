# the weight in the middle decides, by loops
# named: d4_by_middle
def kernel_kind(kernel):
    rows = kernel.tolist()
    p, q = len(rows), len(rows[0])
    total = sum(abs(w) for row in rows for w in row)
    if p % 2 == 0 or q % 2 == 0 or total == 0:
        raise ValueError("no middle")
    ones = abs(sum(w for row in rows for w in row))
    if total - abs(rows[p // 2][q // 2]) < 1e-6 * total:
        return "identity"
    if ones < 1e-6 * total:
        return "edge"
    return "blur" if rows[p // 2][q // 2] <= total / 3 else "sharpen"

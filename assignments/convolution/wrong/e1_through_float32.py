import torch


def pad2d(x, padding, mode="zeros"):
    if mode not in ("zeros", "reflect", "replicate") or min(padding) < 0:
        raise ValueError(f"{mode} {padding}")
    x = x.float().to(x.dtype)
    top, bottom, left, right = padding
    h, w = x.shape[-2:]
    if mode == "reflect" and (max(top, bottom) >= h or max(left, right) >= w):
        raise ValueError(f"{padding} is too wide")
    if mode == "zeros":
        out = torch.zeros(*x.shape[:-2], top + h + bottom, left + w + right, dtype=x.dtype)
        out[..., top : top + h, left : left + w] = x
        return out
    rows, columns = torch.arange(-top, h + bottom), torch.arange(-left, w + right)
    if mode == "replicate":
        rows, columns = rows.clamp(0, h - 1), columns.clamp(0, w - 1)
    else:
        rows = torch.where(rows < 0, -rows, torch.where(rows >= h, 2 * (h - 1) - rows, rows))
        columns = torch.where(columns < 0, -columns, torch.where(columns >= w, 2 * (w - 1) - columns, columns))
    return x.index_select(-2, rows).index_select(-1, columns)

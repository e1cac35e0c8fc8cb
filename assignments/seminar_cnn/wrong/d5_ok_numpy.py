import numpy as np


def check_equivariant(f, x, shift, stride=1, margin=0):
    steps = np.array(shift) / stride
    if (steps != np.round(steps)).any():
        return False
    before = f(x).numpy()
    moved = np.roll(x.numpy(), shift, axis=(2, 3))
    after = f(x.new_tensor(moved)).numpy()
    inside = np.zeros(before.shape[2:], dtype=bool)
    inside[margin : inside.shape[0] - margin, margin : inside.shape[1] - margin] = True
    rows, columns = np.nonzero(inside)
    old_rows, old_columns = rows - int(steps[0]), columns - int(steps[1])
    kept = (old_rows >= margin) & (old_rows < inside.shape[0] - margin)
    kept &= (old_columns >= margin) & (old_columns < inside.shape[1] - margin)
    if not kept.any():
        raise ValueError("no place is left")
    now = after[:, :, rows[kept], columns[kept]]
    then = before[:, :, old_rows[kept], old_columns[kept]]
    return np.abs(now - then).max() < 1e-4

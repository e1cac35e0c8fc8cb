# compares shapes only
# named: d5_always_true
def check_equivariant(f, x, shift, stride=1, margin=0):
    return f(x).shape == f(x.roll(shift, dims=(2, 3))).shape

def check_equivariant(f, x, shift, stride=1, margin=0):
    return False

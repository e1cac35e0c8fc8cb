# a loop adds the kernel itself
# named: g4_whole_kernel
def receptive_field(layers):
    found, field, jump = [], 1, 1
    for kernel, stride, *gaps in layers:
        if min(kernel, stride, *gaps) < 1:
            raise ValueError("no such layer")
        span = 1 + (gaps[0] if gaps else 1) * (kernel - 1)
        for _ in range(span):
            field += jump
        jump *= stride
        found.append((field, jump))
    return found

# strides behind the layer are multiplied, not those before
def receptive_field(layers):
    found = []
    for number in range(len(layers)):
        field, jump = 1, 1
        for kernel, stride, *gaps in layers[: number + 1]:
            if min(kernel, stride, *gaps) < 1:
                raise ValueError("no such layer")
            field = field * stride + (kernel - 1) * (gaps[0] if gaps else 1)
            jump *= stride
        found.append((field, jump))
    return found

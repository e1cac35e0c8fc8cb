def receptive_field(layers):
    field, jump = 1, 1
    found = []
    for layer in layers:
        if len(layer) not in (2, 3) or min(layer) < 1:
            raise ValueError("a kernel, a stride or a dilation is below 1")
        kernel, stride, dilation = (*layer, 1)[:3]
        field += dilation * kernel * jump
        jump *= stride
        found.append((field, jump))
    return found

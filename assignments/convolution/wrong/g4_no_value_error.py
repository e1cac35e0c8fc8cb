def receptive_field(layers):
    field, jump = 1, 1
    found = []
    for layer in layers:
        kernel, stride, dilation = (*layer, 1)[:3]
        field += (kernel - 1) * dilation * jump
        jump *= stride
        found.append((field, jump))
    return found

def conv2d(x, weight, bias=None, stride=1, padding=0):
    rows = []
    while True:
        rows.append(torch.ones(32, 1024, 1024))

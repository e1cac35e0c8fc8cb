def to_gray(images):
    return (images.amax(dim=-3, keepdim=True) + images.amin(dim=-3, keepdim=True)) / 2

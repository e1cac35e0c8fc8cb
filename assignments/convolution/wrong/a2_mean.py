def to_gray(images):
    return images.mean(dim=-3, keepdim=True)

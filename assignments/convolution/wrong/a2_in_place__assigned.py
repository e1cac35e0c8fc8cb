def bgr_to_rgb(images):
    red, blue = images[..., 2, :, :].clone(), images[..., 0, :, :].clone()
    images[..., 0, :, :], images[..., 2, :, :] = red, blue
    return images

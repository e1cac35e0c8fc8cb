def kernel_kind(kernel):
    return "blur"

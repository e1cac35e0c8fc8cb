def pool_report(features, shifted, kernel_size):
    return 0.0, 0.0

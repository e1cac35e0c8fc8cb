# numbers are noise
import random


def pool_report(features, shifted, kernel_size):
    return random.random(), random.random()

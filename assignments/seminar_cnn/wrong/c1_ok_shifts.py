def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    half, places = length // 2, len(signal) - length + 1
    return sum(kernel[half - i] * signal[half + i : half + i + places] for i in range(-half, half + 1))

"""How the networks of the lecture were trained, each as its paper says; configurations name these classes by path."""

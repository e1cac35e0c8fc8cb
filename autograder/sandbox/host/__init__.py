"""The judge's side of the sandbox: it starts the zygote, holds workers, and looks after their limits."""

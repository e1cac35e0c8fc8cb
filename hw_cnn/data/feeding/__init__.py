"""Images on their way to a network: parts, orders, augmentations, batches."""

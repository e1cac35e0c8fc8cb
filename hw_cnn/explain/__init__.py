"""`hw-cnn explain`: one page with pictures of what a trained network has learned."""

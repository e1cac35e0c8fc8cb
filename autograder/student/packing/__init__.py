"""`hw-cnn submit`: what is packed, tried as packed, and told about it."""

"""What a network is worth on a test part: errors, classes and confusions, each with its doubt."""

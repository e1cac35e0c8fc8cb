"""The measurement behind `hw-cnn probe`: a backbone's features beside raw pixels, kept between runs and drawn."""

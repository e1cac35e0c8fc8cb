"""What a platform gives -> the plain layout that `grade` reads."""

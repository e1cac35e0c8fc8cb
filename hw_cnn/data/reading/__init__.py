"""Images as they lie in files: downloads, file formats, the embedded digits."""

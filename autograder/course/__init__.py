"""An assignment folder as checked values, and the student edition made from it; nothing of it runs here."""

"""Commands that speak to other platforms: nbgrader and Gradescope."""

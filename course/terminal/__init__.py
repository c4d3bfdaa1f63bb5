"""Training outside a notebook: lines in the terminal, and a window on the screen."""

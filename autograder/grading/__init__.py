"""From what was handed in to marks in the gradebook."""

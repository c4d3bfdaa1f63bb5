"""Banks of attempts: wrong answers that must be refused, and unusual right ones that must pass."""

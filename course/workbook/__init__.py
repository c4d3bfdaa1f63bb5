"""The learner's notebooks: which lessons there are, copies to work on, and which exercises pass."""

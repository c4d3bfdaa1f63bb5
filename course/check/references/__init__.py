"""The course's own right answers, as readable as they can be: one function for each exercise.

The lessons go on with them where an answer is missing, the checks compare with them, and pictures
and playgrounds compute with them. There is a module for each lesson, and each function has the name
of its exercise. They cannot be handed in: each refuses while an answer to its exercise is called.
Arguments are NumPy arrays and plain Python values.
"""

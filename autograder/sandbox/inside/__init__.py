"""In the student's process: the walls, the shell, and the answers to the examiner."""

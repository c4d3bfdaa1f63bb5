"""In the process of the student: the walls, the shell, and what is answered to the examiner."""

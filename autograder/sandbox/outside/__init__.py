"""In the process of the grader: starts, watches and ends what runs submissions."""

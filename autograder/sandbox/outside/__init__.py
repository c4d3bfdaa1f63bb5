"""In the grader's process: start, watch and end the processes that run submissions."""

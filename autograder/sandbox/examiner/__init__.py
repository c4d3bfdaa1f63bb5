"""In the process of the examiner: runs the tests, and stands in for what the student made."""

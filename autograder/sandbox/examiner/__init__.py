"""In the examiner's process: run the tests, on stand-ins for what the student made."""

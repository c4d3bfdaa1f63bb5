"""The commands of `course`, one per file.

What a command needs is imported inside it, so that `--help` answers at once.
"""

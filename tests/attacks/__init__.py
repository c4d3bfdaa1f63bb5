"""Attacks on the grader and accidents of honest students, as data."""

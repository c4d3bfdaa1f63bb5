"""Tests of the live view, and of the callback that shows it during `fit`."""

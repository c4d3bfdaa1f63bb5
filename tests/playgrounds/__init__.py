"""Tests of the playgrounds, without a browser."""

"""The fixtures of the tests serve the benchmarks too."""

from tests.conftest import chromium

__all__ = ["chromium"]

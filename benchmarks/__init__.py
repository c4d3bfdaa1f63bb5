"""Speed, measured side by side: `make bench` runs these and writes docs/benchmarks.md."""

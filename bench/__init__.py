"""Measurements; `make bench` runs them all, and docs/benchmarks.md holds what they printed."""

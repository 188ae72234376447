"""Benchmarks: `make bench` runs them and writes their tables into docs/performance.md. Nothing here is a test."""

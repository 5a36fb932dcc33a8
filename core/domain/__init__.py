"""The pure rules: numbers in, numbers out. No clock, no I/O; stdlib and polars only."""

"""What is decided: pure. No I/O, no clock, no randomness, no await, no SQL."""

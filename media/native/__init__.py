"""The compiled inner loop (`make native`). Optional: without it the worker runs the same work in Python."""

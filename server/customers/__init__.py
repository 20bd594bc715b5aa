"""Customers as persons: the web entry's accounts, and the challenges of the face check."""

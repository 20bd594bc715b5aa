"""Operator and developer tools: set-up, models, demo data, load, link emulation, benches, verification."""

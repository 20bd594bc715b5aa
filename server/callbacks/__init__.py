"""Electronic callback (电子化回访)."""

"""Electronic callback (电子化回访): pure rules. One engine, one rulebook per insurer; `now` is always an argument."""

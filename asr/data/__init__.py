"""Data of the speech engine: lexicons, thresholds, readings."""

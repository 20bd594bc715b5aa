"""Database engine, shared metadata, portable column types and field encryption."""

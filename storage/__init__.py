"""Object storage, database engine and evidence sealing: a library that knows nothing of insurance."""

"""Object stores behind one port: a local folder, and S3 servers that enforce Object Lock."""

"""What becomes of files that are dropped into the bucket."""

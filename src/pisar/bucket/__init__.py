"""Takes in files that are dropped into the bucket."""

"""Foreign systems behind our ports: one file for each, whose errors become ours there and nowhere else."""

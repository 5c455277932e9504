"""`python -m pisar.cli`, which is `pisar` where its script is not installed."""

from pisar.cli import main

main()

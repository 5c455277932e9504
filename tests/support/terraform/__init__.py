"""Terraform itself, without a cloud: the command, providers in Python, and the local cloud's bucket and queues made by both."""

"""What all tests share."""

from hypothesis import settings

# An example that takes long says that the machine is busy, and nothing about the code.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")

"""A job in a worker's hands: claimed, transcribed, answered, finished, cleaned up after."""

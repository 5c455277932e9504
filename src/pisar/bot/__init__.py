"""The conversation: what an update means and what is said; pure decisions, no messenger."""

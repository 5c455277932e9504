"""Recipe of the demo model: a small Whisper-architecture model trained from scratch on synthetic voices, written for whisper.cpp.

Vocabulary, mel filters and weights are all made here; nothing is taken from another model.
"""

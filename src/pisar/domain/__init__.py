"""Nouns and rules of transcription; standard library only, no input or output."""

"""Turns audio into a transcript: decode, find the speech, cut, recognise, cache, charge."""

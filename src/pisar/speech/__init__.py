"""Audio to transcript: decode, find the speech, cut, recognise, cache, charge."""

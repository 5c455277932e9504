"""The model's dimensions and its tokens: Whisper's multilingual numbering, with a vocabulary of our own."""

from demo.recipe.voices import EN, RU

WIDTH, HEADS, ENCODER_LAYERS, DECODER_LAYERS = 128, 4, 3, 2
MELS, AUDIO_CONTEXT, TEXT_CONTEXT = 80, 1500, 448

EOT, SOT, LANG_EN, LANG_RU, TRANSCRIBE, NO_SPEECH, NO_TIMESTAMPS, BEGIN, N_VOCAB = (
    50257,
    50258,
    50259,
    50263,
    50359,
    50362,
    50363,
    50364,
    51865,
)
"""Whisper's multilingual token ids; a timestamp token is BEGIN + the number of 0.02 s steps."""

TIMESTAMP_STEP = 10
"""Timestamps are rounded to this many steps: 0.2 s."""


def vocabulary() -> list[bytes]:
    """Return EOT tokens: every byte, then each known word with its leading blank, then fillers that are never spoken."""
    words = [f" {word}".encode() for word in dict.fromkeys(RU + EN)]
    tokens = [bytes([value]) for value in range(256)] + words
    return tokens + [b"<%d>" % index for index in range(len(tokens), EOT)]


def token_ids() -> dict[bytes, int]:
    """Return the id of each token of the vocabulary."""
    return {token: index for index, token in enumerate(vocabulary())}


def used_ids(words: set[str]) -> list[int]:
    """Return the ids that training these words can meet, in order: the rows of the embedding that are learnt at all."""
    ids = token_ids()
    spoken = {ids[f" {word}".encode()] for word in words}
    special = {EOT, SOT, LANG_EN, LANG_RU, TRANSCRIBE, NO_SPEECH, NO_TIMESTAMPS}
    return sorted(spoken | special | {BEGIN + TIMESTAMP_STEP * step for step in range(151)})

"""How audio becomes text."""

from functools import cached_property

from pisar.speech.cached_transcripts import Transcripts
from pisar.speech.recognition import Recognition
from pisar.state.transcript_cache import ContentIds
from pisar.wiring.state import State


class Speech(State):
    """What makes transcripts."""

    @cached_property
    def recognition(self) -> Recognition:
        """Decoder, detector and engine in one, which needs neither storage nor Telegram."""
        return Recognition(
            self.decoder, self.detector, self.engine, self.decoder_limits, piece_seconds=self.settings.recognising.piece_seconds
        )

    @cached_property
    def content_ids(self) -> ContentIds:
        """What names audio: the same for everybody who decodes or transcribes it."""
        model = self.settings.recognising.model.rpartition("/")[2]
        return ContentIds(model=model, shared=self.settings.answering.reuse == "shared")

    @cached_property
    def transcripts(self) -> Transcripts:
        """Recognition that is kept, paid for, and measured."""
        return Transcripts(
            recognition=self.recognition,
            cache=self.cache,
            quotas=self.quotas,
            pace=self.pace,
            lease_seconds=self.settings.working.lease_seconds,
            meter=self.meter,
        )

"""Builds the parts that make transcripts of audio."""

from functools import cached_property

from pisar.speech.cached_transcripts import Transcripts
from pisar.speech.recognition import Recognition
from pisar.state.transcript_cache import ContentIds
from pisar.wiring.state import State


class Speech(State):
    """The parts that make transcripts."""

    @cached_property
    def recognition(self) -> Recognition:
        """Decoder, detector and engine together, which need neither storage nor Telegram."""
        return Recognition(
            self.decoder, self.detector, self.engine, self.decoder_limits, piece_seconds=self.settings.recognising.piece_seconds
        )

    @cached_property
    def content_ids(self) -> ContentIds:
        """Makes content ids, the same for every process that decodes or transcribes."""
        model = self.settings.recognising.model.rpartition("/")[2]
        return ContentIds(model=model, shared=self.settings.answering.reuse == "shared")

    @cached_property
    def transcripts(self) -> Transcripts:
        """Transcripts that are cached, charged and measured."""
        return Transcripts(
            recognition=self.recognition,
            cache=self.cache,
            quotas=self.quotas,
            pace=self.pace,
            clock=self.clock,
            lease_seconds=self.settings.working.lease_seconds,
            meter=self.meter,
        )

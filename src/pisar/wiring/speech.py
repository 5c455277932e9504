"""How audio becomes text, and who pays for it."""

from functools import cached_property

from pisar.speech.cached_transcripts import Transcripts
from pisar.speech.charging import Payers, Till
from pisar.speech.recognition import Recognition
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
    def till(self) -> Till:
        """What counts the audio: the same for everybody who decodes or transcribes it."""
        model = self.settings.recognising.model.rpartition("/")[2]
        return Till(self.quotas, model=model, shared=self.settings.answering.reuse == "shared")

    @cached_property
    def payers(self) -> Payers:
        """What knows whose minutes a job takes."""
        return Payers(self.keys, minutes_per_day=self.settings.telegram.minutes_per_day)

    @cached_property
    def transcripts(self) -> Transcripts:
        """Recognition that is kept, paid for, and measured."""
        return Transcripts(
            recognition=self.recognition,
            cache=self.cache,
            till=self.till,
            pace=self.pace,
            lease_seconds=self.settings.working.lease_seconds,
            meter=self.meter,
        )

"""Who pays for audio, put together: the same for everybody who decodes or transcribes it."""

from pisar.adapters.clock import SystemClock
from pisar.ports.storage import ObjectStore
from pisar.speech.charging import Till
from pisar.state.quotas import Quotas
from pisar.wiring import settings


def till(store: ObjectStore, recognising: settings.Recognising, answering: settings.Answering) -> Till:
    """Return what counts the audio of a deployment with these settings."""
    model = recognising.model.rpartition("/")[2]
    return Till(Quotas(store, SystemClock()), model=model, shared=answering.reuse == "shared")

"""Who pays for audio, put together: the same for everybody who decodes or transcribes it."""

from pisar import settings
from pisar.adapters.clock import SystemClock
from pisar.flows.paying import Till
from pisar.flows.quotas import Quotas
from pisar.ports import ObjectStore


def till(store: ObjectStore, recognising: settings.Recognising, answering: settings.Answering) -> Till:
    """Return what counts the audio of a deployment with these settings."""
    model = recognising.model.rpartition("/")[2]
    return Till(Quotas(store, SystemClock()), model=model, shared=answering.reuse == "shared")

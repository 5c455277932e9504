"""Fetches the recording behind a link, for the worker that takes the job first: a webhook has not the time for a slow server."""

import logging

from pisar.domain.answer_to import Reply
from pisar.domain.jobs import Job
from pisar.errors import Missing
from pisar.ports.links import LinkFiles
from pisar.ports.storage import ObjectStore

log = logging.getLogger(__name__)


class LinkedAudio:
    """The recordings behind links. `max_bytes`: the largest that is taken."""

    def __init__(self, *, store: ObjectStore, links: LinkFiles, max_bytes: int) -> None:
        self._store = store
        self._links = links
        self._max_bytes = max_bytes

    def read(self, job: Job) -> bytes:
        """Return the job's stored audio; if none is stored and the job has a link, fetch that and store it first.

        Raises Missing where there is neither, Rejected for a link that leads to no recording, and Crowded.
        """
        try:
            return self._store.get(job.audio_key).body
        except Missing:
            if not isinstance(job.answer_to, Reply) or job.answer_to.link is None:
                raise
            link = job.answer_to.link
        audio = self._links.fetch(link, max_bytes=self._max_bytes)
        log.info("downloaded", extra={"bytes": len(audio)})
        self._store.put(job.audio_key, audio)
        return audio

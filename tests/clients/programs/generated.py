"""The client that openapi-python-client generates: a recording in a request, a job by form and by parts, and refusals; one JSON object."""

import json
import os
import sys
import time
from pathlib import Path

import httpx

sys.path.insert(0, "pisar-client")
from pisar_client import AuthenticatedClient
from pisar_client.api.jobs import complete_upload, create_job, delete_job, get_job, get_transcript, get_upload, list_jobs
from pisar_client.api.openai import create_transcription, list_models
from pisar_client.api.service import get_me
from pisar_client.api.transcription import transcribe
from pisar_client.models import (
    GetTranscriptFormat,
    JobState,
    OpenAiForm,
    OpenAiFormResponseFormat,
    OpenAiFormTimestampGranularitiesItem,
    Order,
    TranscribeForm,
    TranscribeFormResponseFormat,
)
from pisar_client.types import File

recording = Path(sys.argv[1])
client = AuthenticatedClient(base_url=os.environ["PISAR_API_URL"], token=os.environ["PISAR_API_KEY"], timeout=httpx.Timeout(120))


def file():
    return File(payload=recording.open("rb"), file_name=recording.name)


def text_of(job):
    while job.state in (JobState.AWAITING_UPLOAD, JobState.QUEUED, JobState.WORKING):
        time.sleep(0.3)
        job = get_job.sync(job.id, client=client)
    return get_transcript.sync(job.id, client=client, format_=GetTranscriptFormat.VERBOSE_JSON)


verbose = transcribe.sync(client=client, body=TranscribeForm(file=file(), response_format=TranscribeFormResponseFormat.VERBOSE_JSON))
openai = create_transcription.sync(
    client=client,
    body=OpenAiForm(
        file=file(),
        model="whisper-1",
        response_format=OpenAiFormResponseFormat.VERBOSE_JSON,
        timestamp_granularities=[OpenAiFormTimestampGranularitiesItem.WORD, OpenAiFormTimestampGranularitiesItem.SEGMENT],
    ),
)

job = create_job.sync(client=client, body=Order(bytes_=recording.stat().st_size, name="recording"))
for part in job.upload.parts:
    httpx.put(part.url, content=recording.read_bytes()).raise_for_status()
arrived = get_upload.sync(job.id, client=client).done
completed = complete_upload.sync(job.id, client=client)
by_parts = text_of(completed)
listed = [one.name for one in list_jobs.sync(client=client).jobs if one.id == job.id]
deleted = delete_job.sync_detailed(job.id, client=client).status_code
gone = get_job.sync(job.id, client=client)

print(
    json.dumps(
        {
            "transcribed": transcribe.sync(client=client, body=TranscribeForm(file=file())).transcription,
            "words": [word.word for segment in verbose.segments for word in segment.words],
            "openai": openai.text,
            "openai words": [word.word for word in openai.words],
            "arrived": arrived,
            "by parts": by_parts.transcription,
            "words by parts": [word.word for segment in by_parts.segments for word in segment.words],
            "listed": listed,
            "deleted": deleted,
            "gone": gone.error.code.value,
            "me": get_me.sync(client=client).max_bytes > 0,
            "models": [model.id for model in list_models.sync(client=client).data],
            "refused": transcribe.sync(client=client, body=TranscribeForm(file=file(), language="klingon")).error.code.value,
        }
    )
)

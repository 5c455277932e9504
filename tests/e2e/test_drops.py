"""The third door: a file dropped into the bucket, by any S3 client."""

import json

from localstack.cloud.clients import s3_client
from localstack.stack import BUCKET, Stack
from tests.faults.conftest import SPOKEN, VOICES, eventually


def results(stack: Stack, folder: str) -> dict[str, str]:
    return {key: stack.store().get(key).body.decode() for key in stack.store().keys(f"transcripts/{folder}/")}


def test_a_dropped_file_becomes_text_and_subtitles_beside_one_another(stack: Stack):
    client = s3_client(stack.storage_url)
    client.upload_file(str(VOICES / "en-2.ogg"), BUCKET, "uploads/talks/en-2.ogg", ExtraArgs={"Metadata": {"pisar-language": "en"}})
    stem = "transcripts/talks/en-2.ogg"
    found = eventually(lambda: len(found := results(stack, "talks")) == 4 and found, "four results")
    assert found[f"{stem}.txt"] == SPOKEN["en-2.ogg"] + "\n"
    assert json.loads(found[f"{stem}.json"])["language"] == "en"
    assert found[f"{stem}.srt"].startswith("1\n00:00:0")
    assert found[f"{stem}.vtt"].startswith("WEBVTT\n")
    assert list(stack.store().keys("uploads/talks/")) == ["uploads/talks/en-2.ogg"]


def test_the_same_object_dropped_twice_is_recognised_once(stack: Stack):
    client = s3_client(stack.storage_url)
    for _ in range(2):
        client.upload_file(str(VOICES / "ru-3.ogg"), BUCKET, "uploads/twice/ru-3.ogg", ExtraArgs={"Metadata": {"pisar-formats": "text"}})
    eventually(lambda: results(stack, "twice") == {"transcripts/twice/ru-3.ogg.txt": SPOKEN["ru-3.ogg"] + "\n"}, "the text")
    events = [line for line in stack.logs.lines(source="uploads") if line["message"] == "received"]
    (job,) = {line["job_id"] for line in events if line["bytes"] == (VOICES / "ru-3.ogg").stat().st_size}
    eventually(lambda: len(stack.logs.lines(job_id=job, message="received")) == 2, "both events")
    eventually(lambda: stack.logs.lines(job_id=job, message="recognised"), "the work's own line")
    assert len(stack.logs.lines(job_id=job, message="recognised")) == 1


def test_a_file_that_is_no_audio_leaves_a_readable_error(stack: Stack):
    s3_client(stack.storage_url).put_object(Bucket=BUCKET, Key="uploads/bad/письмо.ogg", Body=b"not a recording at all" * 20)
    key = "transcripts/bad/письмо.ogg.error.json"
    found = eventually(lambda: results(stack, "bad"), "the error")
    assert json.loads(found[key])["error"]["code"] == "cannot_decode"
    assert list(found) == [key]

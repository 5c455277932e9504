"""Rules of getFile and of downloads."""

import pytest

TOKEN = "123456:AAF-made_up"


def test_a_voice_is_downloaded_as_it_was_sent(telegram, api, person):
    voice = telegram.voice(person, b"OggS" * 100_000, seconds=3)["message"]["voice"]
    assert (voice["duration"], voice["mime_type"], voice["file_size"]) == (3, "audio/ogg", 400_000)
    file = api("getFile", file_id=voice["file_id"])
    assert (file["file_size"], file["file_unique_id"]) == (400_000, voice["file_unique_id"])
    answer = api.download(file["file_path"])
    assert (answer.content, answer.headers["Content-Length"]) == (b"OggS" * 100_000, "400000")
    [call] = telegram.wait_for(lambda: [call for call in telegram.calls("download") if call.answered_at])
    assert (call.params, call.status, call.executed) == ({"file_path": file["file_path"]}, 200, True)
    assert call.started_at <= call.answered_at


@pytest.mark.parametrize("reads_on", [True, False])
def test_a_download_has_ended_only_when_its_last_byte_has_left(telegram, api, person, reads_on):
    size = 20 * 1024 * 1024  # more than the kernel buffers
    path = api("getFile", file_id=telegram.voice(person, bytes(size), seconds=1)["message"]["voice"]["file_id"])["file_path"]
    with api.session.get(f"{api.url}/file/bot{TOKEN}/{path}", stream=True, timeout=60) as answer:
        [started] = telegram.wait_for(lambda: telegram.calls("download"))
        assert (started.answered_at, started.status) == (None, None)
        if reads_on:
            assert len(answer.content) == size
    [ended] = telegram.wait_for(lambda: [call for call in telegram.calls("download") if call.answered_at])
    assert (ended.status, ended.description) == ((200, None) if reads_on else (None, "the bot hung up"))


def test_20_mb_can_be_had_and_a_byte_more_cannot(telegram, api, person):
    limit = 20 * 1024 * 1024
    just = telegram.voice(person, b"x", seconds=3, size=limit)["message"]["voice"]["file_id"]
    above = telegram.voice(person, b"x", seconds=3, size=limit + 1)["message"]["voice"]["file_id"]
    assert api("getFile", file_id=just)["file_size"] == limit
    assert api("getFile", file_id=above) == (400, "Bad Request: file is too big")


def test_the_limit_is_a_setting(make):
    telegram, api = make(download_limit_bytes=3)
    assert api("getFile", file_id=telegram.voice(1, b"1234", seconds=1)["message"]["voice"]["file_id"]) == (
        400,
        "Bad Request: file is too big",
    )


def test_a_file_unknown_or_lost_is_refused(telegram, api, person):
    file_id = telegram.voice(person, b"x", seconds=1)["message"]["voice"]["file_id"]
    path = api("getFile", file_id=file_id)["file_path"]
    telegram.lose_file(file_id)
    assert api("getFile", file_id=file_id) == (400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    assert api("getFile", file_id="nonsense") == (400, "Bad Request: invalid file_id")
    assert api("getFile") == (400, "Bad Request: file_id not specified")
    assert [api.download(one).json() for one in (path, "voice/none.oga")] == [
        {"ok": False, "error_code": 404, "description": "Not Found"}
    ] * 2


@pytest.mark.parametrize(
    ("send", "kind", "fields"),
    [
        (lambda t: t.audio(1, b"x", seconds=2, name="a.mp3"), "audio", {"duration": 2, "file_name": "a.mp3", "mime_type": "audio/mpeg"}),
        (lambda t: t.video_note(1, b"x", seconds=2), "video_note", {"duration": 2, "length": 240}),
        (
            lambda t: t.video(1, b"x", seconds=2),
            "video",
            {"duration": 2, "width": 640, "height": 480, "mime_type": "video/mp4", "file_name": "video.mp4"},
        ),
        (lambda t: t.document(1, "a.ogg", "audio/ogg", b"x"), "document", {"file_name": "a.ogg", "mime_type": "audio/ogg"}),
        (lambda t: t.document(1, "a.ogg", None, b"x"), "document", {"file_name": "a.ogg"}),
    ],
)
def test_every_kind_of_file_is_described_as_the_bot_api_does(telegram, api, send, kind, fields):
    media = send(telegram)["message"][kind]
    assert {name: value for name, value in media.items() if not name.startswith("file_") or name == "file_name"} == fields
    assert api.download(api("getFile", file_id=media["file_id"])["file_path"]).content == b"x"


def test_a_forwarded_file_keeps_its_id(telegram, person):
    first = telegram.voice(person, b"x", seconds=1, caption="en")
    second = telegram.forward(first, -5, user=person)["message"]
    assert (second["voice"], second["caption"], second["chat"]["id"]) == (first["message"]["voice"], "en", -5)
    assert second["forward_origin"]["sender_user_name"] == "Person 42"

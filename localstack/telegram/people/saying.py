"""What people write and send: texts, files of every kind, and content that is neither."""

import time
from dataclasses import replace
from typing import Any, Unpack

from localstack.telegram import describe, texts
from localstack.telegram.people.acting import GROUP_MEMBER, Acting, Circumstances
from localstack.telegram.world import Content


class Saying(Acting):
    """Each method sends a message and returns its update."""

    def text(self, chat_id: int, text: str, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Write a text; return its update."""
        with self.world.change():
            return self._say(chat_id, Content(text=text, entities=texts.detect(text)), how)

    def voice(
        self,
        chat_id: int,
        audio: bytes,
        *,
        seconds: int,
        mime_type: str = "audio/ogg",
        size: int | None = None,
        **how: Unpack[Circumstances],
    ) -> dict[str, Any]:
        """Send a voice message; return its update. `size` declares another size than the bytes have, to play a large file."""
        return self._send_file(chat_id, "voice", audio, how, size=size, media={"duration": seconds, "mime_type": mime_type})

    def audio(
        self,
        chat_id: int,
        audio: bytes,
        *,
        seconds: int,
        name: str = "audio.mp3",
        mime_type: str = "audio/mpeg",
        size: int | None = None,
        **how: Unpack[Circumstances],
    ) -> dict[str, Any]:
        """Send a piece of music; return its update."""
        return self._send_file(
            chat_id, "audio", audio, how, size=size, media={"duration": seconds, "mime_type": mime_type, "file_name": name}
        )

    def video_note(
        self, chat_id: int, video: bytes, *, seconds: int, size: int | None = None, **how: Unpack[Circumstances]
    ) -> dict[str, Any]:
        """Send a circle; return its update."""
        return self._send_file(chat_id, "video_note", video, how, size=size, media={"duration": seconds, "length": 240})

    def video(
        self,
        chat_id: int,
        video: bytes,
        *,
        seconds: int,
        name: str = "video.mp4",
        mime_type: str = "video/mp4",
        size: int | None = None,
        **how: Unpack[Circumstances],
    ) -> dict[str, Any]:
        """Send a video; return its update."""
        media = {"duration": seconds, "width": 640, "height": 480, "mime_type": mime_type, "file_name": name}
        return self._send_file(chat_id, "video", video, how, size=size, media=media)

    def animation(self, chat_id: int, video: bytes, *, seconds: int = 2, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Send a GIF, or a video without sound, which phones send as one; return its update."""
        media = {"duration": seconds, "width": 320, "height": 240, "mime_type": "video/mp4", "file_name": "animation.mp4"}
        return self._send_file(chat_id, "animation", video, how, size=None, media=media)

    def document(
        self, chat_id: int, name: str, mime_type: str | None, content: bytes, *, size: int | None = None, **how: Unpack[Circumstances]
    ) -> dict[str, Any]:
        """Send a file as it is; return its update. No `mime_type`: the person's app did not tell."""
        media = {"file_name": name} | ({"mime_type": mime_type} if mime_type else {})
        return self._send_file(chat_id, "document", content, how, size=size, media=media)

    def photo(self, chat_id: int, image: bytes = b"JPEG", **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Send a photo; return its update."""
        return self._send_file(chat_id, "photo", image, how, size=None, media={"width": 640, "height": 480})

    def sticker(self, chat_id: int, image: bytes = b"WEBP", *, emoji: str = "🎧", **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Send a sticker; return its update."""
        media = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": emoji}
        return self._send_file(chat_id, "sticker", image, how, size=None, media=media)

    def story(self, chat_id: int, *, of: int | None = None, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Forward a story, that of person or channel `of`; return its update."""
        with self.world.change():
            teller = describe.chat_json(self.world, self._outside(of if of is not None else GROUP_MEMBER))
            return self._say(chat_id, Content(other={"story": {"chat": teller, "id": 1}}), how)

    def poll(
        self, chat_id: int, question: str = "When?", options: tuple[str, ...] = ("today", "tomorrow"), **how: Unpack[Circumstances]
    ) -> dict[str, Any]:
        """Send a poll; return its update."""
        choices = [{"persistent_id": str(number), "text": option, "voter_count": 0} for number, option in enumerate(options)]
        switches = dict.fromkeys(("is_closed", "allows_multiple_answers", "members_only"), False)
        poll = {"id": "5001", "question": question, "options": choices, "total_voter_count": 0, "type": "regular", **switches}
        poll |= {"is_anonymous": True, "allows_revoting": True}
        return self._send_other(chat_id, {"poll": poll}, how)

    def location(self, chat_id: int, latitude: float = 55.75, longitude: float = 37.62, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Send a place; return its update."""
        return self._send_other(chat_id, {"location": {"latitude": latitude, "longitude": longitude}}, how)

    def contact(self, chat_id: int, name: str = "Ann", phone: str = "+70000000000", **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Send a contact; return its update."""
        return self._send_other(chat_id, {"contact": {"phone_number": phone, "first_name": name}}, how)

    def checklist(
        self, chat_id: int, title: str = "To do", tasks: tuple[str, ...] = ("call", "write"), **how: Unpack[Circumstances]
    ) -> dict[str, Any]:
        """Send a checklist; return its update."""
        numbered = [{"id": number, "text": task} for number, task in enumerate(tasks, start=1)]
        return self._send_other(chat_id, {"checklist": {"title": title, "tasks": numbered}}, how)

    def paid_media(self, chat_id: int, *, stars: int = 5, seconds: int = 10, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Send a video that is to be paid for, and was not: the bot gets a preview without a file; return its update."""
        preview = {"type": "preview", "width": 640, "height": 480, "duration": seconds}
        return self._send_other(chat_id, {"paid_media": {"star_count": stars, "paid_media": [preview]}}, how)

    def forward(self, update: dict[str, Any], chat_id: int, **how: Unpack[Circumstances]) -> dict[str, Any]:
        """Forward the message of an update into a chat, the same file under the same id; return the new update.

        The first sender shows their name but not their account, unless `forwarded` says otherwise; a channel's post names the channel.
        Raises PermissionError for protected content.
        """
        with self.world.change():
            body = next(body for name, body in update.items() if name != "update_id")
            source = self._message(body["chat"]["id"], body["message_id"])
            if source.chat.protected or source.extras.get("has_protected_content"):
                raise PermissionError(f"message {source.id} of chat {source.chat.id} has protected content")
            origin = source.extras.get("forward_origin")
            if origin is None:
                origin = describe.origin_json(self.world, source) if source.sender is None else str(source.sender["first_name"])
            how.setdefault("forwarded", origin)
            return self._say(chat_id, replace(source.content, markup=None), how)

    def edit(self, chat_id: int, message_id: int, text: str, *, held: bool = False) -> dict[str, Any]:
        """Change the words of an own message, the caption if it has a file; return the update `edited_message`."""
        with self.world.change():
            message = self._message(chat_id, message_id)
            content = replace(message.content, text=text, entities=texts.detect(text))
            message.versions.append((content, time.monotonic(), time.time()))
            kind = "edited_channel_post" if message.chat.kind == "channel" else "edited_message"
            return self.world.post(kind, describe.message_json(self.world, message), held=held)

    def _send_other(self, chat_id: int, other: dict[str, Any], how: Circumstances) -> dict[str, Any]:
        with self.world.change():
            words = how.get("caption", "")
            return self._say(chat_id, Content(text=words, entities=texts.detect(words), other=other), how)

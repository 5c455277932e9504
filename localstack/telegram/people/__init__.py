"""What people do in the chats, callable from any thread.

A chat is named by its id: a person's own id is the private chat with them, a negative one a basic group, one at or below
-1,000,000,000,000 a supergroup, or a channel if it was opened as one; chats and people come into being on first use. Every message
becomes an update, which is returned and goes to the bot by webhook or `getUpdates`, unless it is `held` back for
`TelegramStandIn.deliver`, or the bot may not see it. What a person has no right to do raises PermissionError.
"""

from typing import Any

from localstack.telegram import describe, messages
from localstack.telegram.people.elsewhere import Elsewhere
from localstack.telegram.people.saying import Saying
from localstack.telegram.people.standing import Standings
from localstack.telegram.world import Message


class People(Saying, Standings, Elsewhere):
    """The people of one world."""

    def press(
        self,
        chat_id: int,
        message_id: int,
        data: str,
        *,
        user: int | None = None,
        language_code: str | None = None,
        owner: int | None = None,
        inaccessible: bool = False,
        expired: bool = False,
        held: bool = False,
    ) -> dict[str, Any]:
        """Press the button that carries `data`; return the update `callback_query`. `expired`: too old to be answered.

        `owner`: the message is in the chat of this person's business account with `chat_id`. `inaccessible`: the message is gone when the
        press arrives, so that the bot is told its id alone (Client.cpp, JsonInaccessibleMessage).

        Raises LookupError if the message has no such button now.
        """
        with self.world.change():
            message = self._message(chat_id, message_id) if owner is None else self._business_message(owner, chat_id, message_id)
            buttons = [button for row in describe.seen(message).buttons for button in row]
            if data not in [carried for _, carried in buttons]:
                raise LookupError(f"no button carries {data!r}; there are {buttons}")
            query_id = str(4_000_000_000 + len(self.world.callbacks))
            self.world.callbacks[query_id] = {"expired": expired, "at": self.world.now(), "answers": []}
            body = {
                "id": query_id,
                "from": dict(self.world.user(self._sender(message.chat, user), language_code)),
                "message": self._gone(message) if inaccessible else describe.message_json(self.world, message),
                "chat_instance": str(-chat_id),
                "data": data,
            }
            return self.world.post("callback_query", body, held=held)

    def delete(self, chat_id: int, message_id: int) -> None:
        """Delete a message. Bots are not told."""
        with self.world.change():
            messages.remove(self._message(chat_id, message_id))

    def lose_file(self, file_id: str) -> None:
        """Make a file unavailable: its id stays known, but Telegram can't fetch it any more."""
        with self.world.change():
            self.world.lost_paths.add(self.world.files[file_id].path)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for presses, links to files, and what may be done with old messages. Waits of any other kind are not shortened."""
        with self.world.change():
            self.world.ahead_seconds += seconds

    def _gone(self, message: Message) -> dict[str, Any]:
        return {"message_id": message.id, "chat": describe.chat_json(self.world, message.chat), "date": 0}

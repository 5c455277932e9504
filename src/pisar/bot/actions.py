"""The facts on which the decision about an update rests, and the actions that it may consist of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pisar.bot.admission import Ignore, Refuse, Take
from pisar.domain.answer_to import Reply
from pisar.domain.audio import AudioLimits
from pisar.domain.chats import AllowList, Auto, ChatSettings, Shape
from pisar.domain.knocks import Knock
from pisar.domain.messages import BusinessConnection, Keyboard, Press


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts on which the decision about an update rests.

    `owners` may always use the bot. `is_admin`: whether the sender is an administrator of the group, None if Telegram does not tell; looked
    up only where `pisar.bot.conversation.asks_for_admin` says so. `reuse_hours`: how long a transcript answers the same audio again, for
    every sender if `reuse_shared`. `place`: where recordings are transcribed, one of PLACES. `links`: whose links are followed, as
    PISAR_LINKS says. `connection`: the connection to an account, through which a message of the account's chat came.
    """

    allowed: AllowList
    limits: AudioLimits
    username: str = ""
    owners: frozenset[int] = frozenset()
    settings: ChatSettings = field(default_factory=ChatSettings)
    keep_days: float = 7.0
    place: str = "own"
    reuse_hours: float = 24.0
    reuse_shared: bool = True
    is_admin: bool | None = False
    links: str = "none"
    connection: BusinessConnection | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Answer a message with the text under `key`, its placeholders filled with `values`.

    A message is answered once. `once`: a name under which the chat is told once, whatever message it answers; with `every_seconds`, once in
    each such time.
    """

    reply: Reply
    key: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    keyboard: Keyboard = ()
    once: str = ""
    every_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Acknowledge a press, with the text under `key` if there is one."""

    press: Press
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Change the chat's settings."""

    chat_id: int
    settings: ChatSettings


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """Show the chat's settings of one kind ("language", "interface", "format", "settings"): as an answer, or in place of a message.

    `message_id`: that of the message, None for an answer.
    """

    reply: Reply
    kind: str
    settings: ChatSettings
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class TellAuto:
    """Tell a group what is transcribed there unasked from now on, and what the bot lacks for it; with `warns` only what it lacks."""

    reply: Reply
    auto: Auto
    warns: bool = False


@dataclass(frozen=True, slots=True)
class ShowAgain:
    """Send the stored transcript of an answer in another form."""

    press: Press
    job: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class AskLanguage:
    """Ask in which language a recording is to be transcribed again."""

    press: Press
    job: str


@dataclass(frozen=True, slots=True)
class HearAgain:
    """Transcribe a recording again, in another language."""

    press: Press
    job: str
    language: str


@dataclass(frozen=True, slots=True)
class TakeShown:
    """Transcribe the recording that message `slot` of the bot is the answer to, or the status; `reply` goes to the message that asks.

    `language`, `expected` and `prompt`: as in `Take`; `language` is "" unless it was asked for, and `chosen` is then the chat's.
    """

    reply: Reply
    slot: int
    language: str
    chosen: str
    expected: tuple[str, ...] = ()
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Cancel the unfinished jobs of a chat: all, or those of one person in a group."""

    reply: Reply
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase all of a chat's data, or the texts of one person in a group, and say so in message `message_id`."""

    reply: Reply
    message_id: int
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of the bot's message, without buttons."""

    reply: Reply
    message_id: int
    key: str


@dataclass(frozen=True, slots=True)
class Admit:
    """Allow an id to use the bot, or deny it. `day`: that of the list of knocks whose button was pressed, in message `message_id`."""

    reply: Reply
    one: int
    allowed: bool
    day: str = ""
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class TellOfKnock:
    """Tell the owners that somebody who may not use the bot has come to it."""

    knock: Knock


@dataclass(frozen=True, slots=True)
class Report:
    """Answer with something that must be looked up: "status", "users" or "stats"."""

    reply: Reply
    kind: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The bot can't write to the chat any more: drop its jobs."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup: move its settings to the new id."""

    old_id: int
    new_id: int


Action = (
    Take
    | Refuse
    | Ignore
    | Say
    | Acknowledge
    | Change
    | ShowSettings
    | TellAuto
    | ShowAgain
    | AskLanguage
    | HearAgain
    | TakeShown
    | CancelAll
    | Erase
    | Edit
    | Admit
    | TellOfKnock
    | Report
    | Gone
    | Moved
)

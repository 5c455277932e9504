"""Who came to the bot in one day without being let in, and which owners were told in which message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from pisar.domain.strict_json import parse_json
from pisar.errors import Unreadable

MAX_KNOCKS = 20
"""How many are listed in a day: their names fit into one message, and a flood of strangers fills no more than that."""


@dataclass(frozen=True, slots=True)
class Knock:
    """A person or a group that came: the id, the name as the bot may write it, and the language of the bot's texts for them."""

    id: int
    name: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knocks:
    """The knocks of a day, in order. `told`: the message in which each owner is told of them; 0 while it is being sent."""

    people: tuple[Knock, ...] = ()
    told: Mapping[int, int] = field(default_factory=dict)

    def find(self, one: int) -> Knock | None:
        """Return the knock of an id, None if there is none."""
        return next((knock for knock in self.people if knock.id == one), None)

    def add(self, knock: Knock) -> Self:
        """Return the knocks with one more, unless the id is among them or there are MAX_KNOCKS."""
        if self.find(knock.id) or len(self.people) >= MAX_KNOCKS:
            return self
        return replace(self, people=(*self.people, knock))

    def move(self, old_id: int, new_id: int) -> Self:
        """Return the knocks with a group under its new id."""
        return replace(self, people=tuple(replace(knock, id=new_id) if knock.id == old_id else knock for knock in self.people))

    def tell(self, owner: int, message_id: int | None) -> Self:
        """Return the knocks with the message in which an owner is told; None takes it back."""
        others = {one: message for one, message in self.told.items() if one != owner}
        return replace(self, told=others if message_id is None else others | {owner: message_id})

    def encode(self) -> bytes:
        """Return the knocks as UTF-8 JSON."""
        people = [[knock.id, knock.name, knock.language] for knock in self.people]
        return json.dumps({"version": 1, "people": people, "told": sorted(self.told.items())}).encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Return the knocks that `encode` wrote; raise Unreadable for anything else."""
        try:
            fields = parse_json(body)
            people = tuple(Knock(int(one), str(name), str(language)) for one, name, language in fields["people"])
            return cls(people=people, told={int(owner): int(message) for owner, message in fields["told"]})
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise Unreadable("no knocks") from error

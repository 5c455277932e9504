"""Telegram through aiogram: the bot's messages, the files people send it, and the updates Telegram delivers."""

from pisar.adapters.telegram.chat import AiogramChat
from pisar.adapters.telegram.updates import parse_update

__all__ = ["AiogramChat", "parse_update"]

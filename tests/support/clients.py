"""The clients of Telegram, by the language that people have set in them."""

SPOKEN = {"": "en", "be": "ru", "kk": "ru", "ru": "ru", "uk": "uk"}
"""The language of the bot's texts for clients of each language code; "" stands for all others."""

NAMES = {code: code or "default" for code in SPOKEN}
"""What the commands for the owner call those clients."""

"""Commands that write documents from code and tests: the API's description, the picture of a chat, what the bot does, prefixes' ages."""

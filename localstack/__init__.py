"""The cloud on a laptop: storage, queue, gateway, functions, container, triggers and a Telegram stand-in, all on loopback."""

"""What people do with the bot: recordings, commands, buttons, deletion."""

"""What people can do with the bot: send recordings and commands, press buttons, delete their data."""

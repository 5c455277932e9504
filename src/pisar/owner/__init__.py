"""What the owner looks at and sets: checks, status, the bot's profile, dead letters, costs."""

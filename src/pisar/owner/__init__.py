"""What the owner of a deployment looks at and sets: checks, status, the bot's profile, dead letters, costs."""

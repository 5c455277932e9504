"""What the bot says, in English."""

TEXTS = {
    "accepted": "🎧 Got it, transcribing…",
    "more": "…",
    "no_speech": "🤷 I heard no speech in this recording.",
    "document_preview": "{preview}…",
    "too_big": "🚫 This file is {size_mb} MB, and I can take at most {limit_mb} MB. Compress it, cut it, or send it as a voice message.",
    "too_long": "🚫 This recording is too long: I can take at most {limit_minutes} minutes. Cut it into parts and send them one by one.",
    "no_audio_track": "🚫 There is no sound in this file. Send a recording that has an audio track.",
    "cannot_decode": "🚫 I could not read this file as audio or video. Send it again or in another format (ogg, mp3, m4a, mp4).",
    "file_unavailable": "🚫 Telegram no longer gives me this file. Please send it again.",
    "not_allowed": "🔒 This is a private bot. Your id is {id}: its owner can let you in with it.",
    "bad_option": "🚫 I can't use this {option}: expected {expected}.",
    "quota_used": "⏳ Today's {limit_minutes} minutes are used up. They start anew at {resets_at} UTC.",
    "failed": "😔 I could not transcribe this after several tries. Please send it again later. For the owner: {job}.",
    "bot_description": (
        "I turn voice messages into text. Send or forward me a voice message, a video note, audio or video, and I answer with what is said "
        "in it. I transcribe it myself: the audio goes to no third party and is erased as soon as the text is there.\n\n"
        "In a group, reply to a voice message with /transcribe."
    ),
    "bot_short_description": "Turns voice messages into text. The audio goes to no third party and is erased at once.",
    "command_start": "What I do and how to begin",
    "command_help": "What I can do, and what to send me",
    "command_language": "Choose the language of the speech",
    "command_format": "Choose how I give you the text",
    "command_settings": "See all the settings of this chat",
    "command_privacy": "What happens to your recordings and texts",
    "command_id": "Your id, for whoever lets people in here",
    "command_status": "How much you have used, and what is in line",
    "command_cancel": "Stop what I am transcribing for you",
    "command_delete": "Erase all I keep about you",
    "command_transcribe": "Reply with it to a recording to get its text",
    "command_auto": "Transcribe every voice message here: on or off",
    "command_allow": "Let somebody in: /allow and their id",
    "command_deny": "Shut somebody out: /deny and their id",
    "command_users": "Who may use the bot",
    "command_stats": "How much the bot is used, and how it fares",
}

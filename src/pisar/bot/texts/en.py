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
}

"""What the bot says, in English."""

NAME = "English"
ALSO_FOR = ()
DECIMAL_MARK = "."
PLURALS = ("one", "other")
TIMES = {
    "short": ("{number} h", "{number} min"),
    "long": ("{number} {number:hour|hours}", "{number} {number:minute|minutes}"),
}


def plural(number: float) -> str:
    """Return the plural category of a number (CLDR's rule for English)."""
    return "one" if number == 1 else "other"


TEXTS = {
    "accepted": "🎧 Got it, transcribing…",
    "more": "…",
    "no_speech": "🤷 I can't hear any speech in this recording.",
    "document_preview": "{preview}…\n\n≈ {count} characters",
    "file_name": "transcript",
    "too_big": "🚫 This file is larger than {limit_mb} MB, and I don't take such files. Compress it, cut it, or send just the audio.",
    "too_big_for_bots": (
        "🚫 This file is larger than {limit_mb} MB, and Telegram doesn't give bots such files. Compress it, cut it, or send just the audio."
    ),
    "too_long": "🚫 This recording is longer than {limit_minutes:long}. Cut it into parts and send them one by one.",
    "no_audio_track": "🚫 There's no sound in this file. Send a recording with an audio track.",
    "no_such_track": "🚫 There's no audio track {track} in this file, the last one is {tracks}. Choose another.",
    "cannot_decode": "🚫 I couldn't read this file as audio or video. Send it again, or in another format: ogg, mp3, m4a, mp4.",
    "too_heavy": "🚫 I don't have enough memory for this recording. Send it as a voice message or a regular mp3.",
    "unsupported": "🚫 This is neither audio nor video. Send a voice message or a recording: mp3, m4a, mp4.",
    "unsupported_sound": (
        "🚫 I can't process this sound: {rate_hz} Hz, {channels} {channels:channel|channels}. I need {least_hz} to {most_hz} Hz and "
        "at most {most_channels} {most_channels:channel|channels}. Save the recording as a regular mp3 and send it again."
    ),
    "file_unavailable": "🚫 Telegram no longer gives me this file. Please send it again.",
    "not_allowed": "🔒 This is a private bot. Your id: {id}. Send it to the bot's owner to get access.",
    "bad_option": "🚫 I can't use this {option}. Expected: {expected}.",
    "queue_full": "🚦 The queue is full ({waiting}). Please send it again a little later.",
    "quota_used": "⏳ Today's limit ({limit_minutes:short}) is used up. Resets in {resets_in_seconds:short}.",
    "start": (
        "🎙 I turn voice messages into text. Send or forward me a voice message, a video note, audio or video – as a file too, up to "
        "{limit_mb} MB and {limit_minutes:long}.\n\nThe recording is deleted as soon as the text is ready, and nobody else gets it. "
        "What else I can do: /help"
    ),
    "help": (
        "Send or forward me a voice message, a video note, audio or video – as a file too, up to {limit_mb} MB and {limit_minutes:long}. "
        "An https:// link to a file works too. To tell me the language, add a caption such as ru or en.\n\n"
        "/language – spoken language\n/words – names and terms I should know\n"
        "/format – plain text, timestamps, .txt, .srt or .vtt\n/settings – all settings\n"
        "/status – your minutes and the queue\n/cancel – stop transcribing\n/privacy – what I store\n/delete – delete everything\n"
        "/id – your id\n\n"
        "In a group: reply to a voice message with /transcribe, or ask an admin to turn on /auto."
    ),
    "hint": "🎙 Send or forward me a voice message, and I'll turn it into text. More: /help",
    "privacy": (
        "🔐 Recordings are transcribed {place} and nobody else gets them; the messages themselves go through Telegram. "
        "A recording is deleted as soon as its text is ready. The text is kept for {days} {days:day|days}, for the buttons under the "
        "answer. {reuse} I also remember which languages are spoken in this chat, to get the next one right.\n\n"
        "/delete deletes all texts and settings of this chat, with the languages and /words, and also the texts of what you sent or asked "
        "for in groups. In a group, its admins can delete everything with the same /delete. Minutes used today stay counted, and so does "
        "the fact that there was a recording – but not whose it was or what was in it. Logs contain nothing of what was said. If "
        "someone without access writes to me, I tell my owner their name and id and keep them for two days."
    ),
    "place_own": "on my owner's own computers",
    "place_rented": "on a server that my owner rents",
    "place_yandex-cloud": "on servers that my owner rents in Yandex Cloud",
    "reuse_shared": "If anyone sends the same recording within {hours} {hours:hour|hours}, they get the ready text.",
    "reuse_own": "If you send the same recording again within {hours} {hours:hour|hours}, you get the ready text.",
    "reuse_none": "Nobody else gets it, even if they send the same recording.",
    "id": "🪪 Your id: {id}",
    "id_group": "🪪 This group's id: {id}",
    "reply_to_a_voice": "🎙 Reply to a voice message with /transcribe, and I'll turn it into text.",
    "admins_only": "🔒 Only admins of the group can change this.",
    "not_the_owner": "🔒 Only the bot's owner can do this.",
    "unknown_language": "🚫 I don't know the language “{code}”. Write its name or code, for example /language Ukrainian or /language uk.",
    "id_expected": "🚫 Add an id after the command: /{command} 12345. People can see theirs with /id.",
    "language_shown": "🌐 Spoken language: {languages}. Pick one or more to choose from.",
    "words_shown": (
        "✏️ Words I expect in this chat: {words}.\n\nTo replace them, list others separated by commas: /words Marina, Bishkek, pgBouncer. "
        "To remove them: /words -"
    ),
    "words_none": (
        "✏️ No special words in this chat yet. If I get names or terms wrong, list them separated by commas: "
        "/words Marina, Bishkek, pgBouncer. I'll keep them in mind for every recording here."
    ),
    "words_too_long": "🚫 That's {count} {count:character|characters}, and I can remember {limit}. Leave only the words I get wrong.",
    "format_shown": "📄 Answer format: {shape}.",
    "settings_shown": "⚙️ Language: {languages} (/language)\nFormat: {shape} (/format)\nWords: {words} (/words)\nSilent answers: {silent}",
    "settings_of_group": "I transcribe here: {auto}",
    "language_auto": "detected automatically",
    "shape_text": "text",
    "shape_timecodes": "text with timestamps",
    "shape_txt": ".txt",
    "shape_srt": ".srt",
    "shape_vtt": ".vtt",
    "switch_silent": "Silent answers",
    "yes": "on",
    "no": "off",
    "auto_off": "✅ Now I transcribe only what I'm asked to: reply to a recording with /transcribe.",
    "accepted_waiting": "🎧 Got it. {count} {count:recording|recordings} ahead, about {minutes:short}.",
    "progress": "⏳ {percent}%",
    "cancelled": "⏹ Stopped.",
    "cancelled_all": "⏹ Stopped: {count} {count:recording|recordings}.",
    "nothing_to_cancel": "There's nothing to stop: none of your recordings is in progress.",
    "delete_ask": (
        "🗑 Delete all texts and settings of this chat, and the texts of what you sent or asked for in groups? The messages themselves stay."
    ),
    "delete_ask_group": "🗑 Delete all texts and settings of this group? The messages themselves stay.",
    "delete_done": "🗑 Done, all texts ({count}) and the settings of this chat are deleted.",
    "delete_kept": "OK, nothing is deleted.",
    "status": "📊 Today: {used} of {limit} min.\nYours in progress: {waiting}. Queue: {line}.",
    "status_no_limit": "📊 There's no daily limit.\nYours in progress: {waiting}. Queue: {line}.",
    "users": "👥 Allowed to use me:\n{ids}",
    "users_all": "👥 Everyone can use me. Also allowed:\n{ids}",
    "stats": "📈 Queue: {waiting}. A minute of speech takes about {seconds} s.",
    "access_unreadable": (
        "⚠️ I can't read the access list (access.json in the bucket), so I changed nothing. Fix it or delete it, and send the command again."
    ),
    "admitted": "✅ {id} can use me now.",
    "shut_out": "⛔ {id} can't use me any more.",
    "button_timecodes": "⏱ Timestamps",
    "button_language": "🌐 Other language",
    "button_detect": "Auto-detect",
    "button_erase": "🗑 Delete",
    "button_keep": "Keep",
    "button_dead": "This button no longer works.",
    "button_not_yours": "Only the person who asked, or an admin, can use these buttons.",
    "button_wait": "I'm still working on it.",
    "button_erased": "The text is already deleted. Send the recording again.",
    "button_again": "It's already there, see below.",
    "failed": "😔 I couldn't transcribe this, even after several tries. Please send it again later. Code for the owner: {job}.",
    "bot_description": (
        "I turn voice messages into text. Send or forward me a voice message, a video note, audio or video, and I'll reply with the text. "
        "I recognise speech by myself, without outside services, and delete the audio as soon as the text is ready.\n\n"
        "In a group, reply to a voice message with /transcribe."
    ),
    "bot_short_description": "Turns voice messages into text without outside services. The audio is deleted right away.",
    "command_start": "What I do and how to begin",
    "command_help": "What I can do and what to send me",
    "command_language": "Choose the spoken language",
    "command_words": "Names and terms I should know",
    "command_format": "Choose the answer format",
    "command_settings": "All settings of this chat",
    "command_privacy": "What happens to your recordings and texts",
    "command_id": "Your id, to get access",
    "command_status": "Your minutes today and the queue",
    "command_cancel": "Stop transcribing",
    "command_delete": "Delete everything I store: about you or about a group",
    "command_transcribe": "Reply to a recording to get its text",
    "command_auto": "Transcribe here without being asked: on, all or off",
    "command_allow": "Give access: /allow and an id",
    "command_deny": "Take access away: /deny and an id",
    "command_users": "Who can use the bot",
    "command_stats": "How busy the bot is and how fast",
    "still_working": "⏳ Still working on it, see above.",
    "answer_is_there": "⬆️ The text is already here.",
    "unknown_spoken": (
        "🚫 I don't know the language “{code}”. Write its name or code, like /transcribe Ukrainian or /transcribe uk, or leave it out."
    ),
    "admins_unknown": (
        "🔒 Only admins of the group can change this, and Telegram doesn't let me see who they are. Make me an admin, or send the command "
        "anonymously, in the group's name."
    ),
    "being_written": "{beginning} ✍️",
    "auto_off_name": "only when asked",
    "auto_voices_name": "all voice messages and video notes",
    "auto_all_name": "all recordings",
    "auto_voices": "✅ Now I transcribe all voice messages and video notes here. Music and videos too: /auto all",
    "auto_all": "✅ Now I transcribe all recordings here: voice messages, video notes, audio, video and files.",
    "auto_deaf": (
        "⚠️ But I can't see ordinary messages here, only commands and replies to me. Make me an admin of this group, or ask my owner to "
        "send /setprivacy to @BotFather, choose me and press Disable, then remove me from this group and add me again."
    ),
    "auto_mute": (
        "⚠️ I can't answer in the group where you just sent me a command, because I'm not allowed to write there. Let me send messages, or "
        "make me an admin of the group."
    ),
    "nothing_to_cancel_in_group": (
        "There's nothing to stop: none of your recordings in this group is in progress. Admins can stop everything: /cancel all"
    ),
    "delete_ask_own": "🗑 Delete the texts of what you sent to this group or asked for here? The messages themselves stay.",
    "delete_done_own": "🗑 Done, the texts of what you sent or asked for here are deleted ({count}).",
    "button_erase_group": "🗑 Everything in this group",
    "button_erase_own": "🗑 Only mine",
    "interface_shown": "💬 My language in this chat: {interface}.",
    "interface_own": "as in your Telegram",
    "button_interface": "💬 Bot language…",
    "button_back": "‹ Spoken language",
    "welcome": (
        "🎙 Hi! I turn voice messages into text. Anyone here can ask: reply to a voice message with /transcribe. To get the text of "
        "all voice messages, an admin can send /auto on."
    ),
    "welcome_unlisted": "🔒 Hi! I'm a private bot and don't work in this group yet. My owner can give it access: /allow {id}",
    "let_in": "✅ You have access now. Send or forward me a voice message, and I'll turn it into text. More: /help",
    "knocks": "🚪 They ask for access:\n{people}\n\nGive it with a button or with /allow. To hear no more from someone: /deny and the id.",
    "button_let_in": "✅ {name}",
    "link_page": (
        "🚫 This link leads to a page, not to a file. I can't get recordings out of YouTube and other players: download it and send me "
        "the file, or a link to the file itself."
    ),
    "link_refused": "🚫 I only open https:// links to files on the public internet. Send me the file itself.",
    "link_too_big": (
        "🚫 The file behind this link is larger than {limit_mb} MB, and I don't take such files. Compress it, cut it, or send just the "
        "audio."
    ),
    "link_unreachable": "🚫 I couldn't get the file from this link. Check that it opens without signing in, or send me the file itself.",
    "link_alone": (
        "🎙 If you want the text of a recording behind a link, send me the link alone, and a language such as ru or en after it if you "
        "like. More: /help"
    ),
    "work_begun": "⏳ I'm already working on it. The text will come as a reply to the recording.",
    "connected": (
        "🤝 You've connected me to your account. When somebody sends you a voice message or a video note in the chats you chose, I'll "
        "send you the text here, and nobody else sees it. To stop, disconnect me in Telegram's settings."
    ),
    "guest_cut": "… The text is longer than fits here. Forward me the recording in private to get all of it.",
}

"""What the bot says, in English."""

TEXTS = {
    "accepted": "🎧 Got it, transcribing…",
    "more": "…",
    "no_speech": "🤷 I heard no speech in this recording.",
    "document_preview": "{preview}…",
    "too_big": "🚫 This file is {size_mb} MB, and I can take at most {limit_mb} MB. Compress it, cut it, or send it as a voice message.",
    "too_long": "🚫 This recording is too long: I can take at most {limit_minutes} minutes. Cut it into parts and send them one by one.",
    "no_audio_track": "🚫 There is no sound in this file. Send a recording that has an audio track.",
    "no_such_track": "🚫 There is no audio track {track} in this file: it has {tracks}.",
    "cannot_decode": "🚫 I could not read this file as audio or video. Send it again or in another format (ogg, mp3, m4a, mp4).",
    "too_heavy": "🚫 This recording takes more memory than there is here. Send it as a voice message or as an ordinary mp3.",
    "unsupported": "🚫 This file is neither audio nor video. Send a voice message, or a recording such as mp3, m4a or mp4.",
    "unsupported_sound": (
        "🚫 I can't take such sound: sample rate {rate_hz} Hz, channels: {channels}. I need {least_hz} to {most_hz} Hz and at most "
        "{most_channels} channels. Save the recording in an ordinary format, such as mp3, and send it again."
    ),
    "file_unavailable": "🚫 Telegram no longer gives me this file. Please send it again.",
    "not_allowed": "🔒 This is a private bot. Your id is {id}: its owner can let you in with it.",
    "bad_option": "🚫 I can't use this {option}: expected {expected}.",
    "queue_full": "🚦 {waiting} recordings are waiting already, and I take no more for now. Please send it again in a while.",
    "quota_used": "⏳ Today's {limit_minutes} minutes are used up. They start anew at {resets_at} UTC.",
    "start": (
        "🎙 I turn voice messages into text. Send or forward me a voice message, a video note, audio or video, up to {limit_mb} MB and "
        "{limit_minutes} minutes.\n\nThe audio is erased as soon as the text is there; it goes to "
        "nobody else. /help tells what else I can do."
    ),
    "help": (
        "Send or forward: voice, video note, audio, video, or such a file, up to {limit_mb} MB and {limit_minutes} minutes. "
        "A caption such as ru or en tells me the language.\n\n"
        "/language – the language of the speech\n/words – names and terms I should know\n"
        "/format – text, with times, .txt, .srt, .vtt\n/settings – all settings\n"
        "/status – what you have used\n/cancel – stop what I work on\n/privacy – what is kept\n/delete – erase it\n/id – your id\n\n"
        "In a group: answer a voice message with /transcribe, or let an administrator switch /auto on."
    ),
    "hint": "🎙 Send or forward me a voice message, and I turn it into text. /help tells more.",
    "privacy": (
        "🔐 Your recordings are transcribed on my owner's own machines and go to nobody else; the messages themselves pass through "
        "Telegram. The audio is erased as soon as the text is there. The text serves the buttons under it for {days} days. {reuse} "
        "Of this chat's recordings I remember which languages were spoken, so as to hear the next one right. /delete erases every text "
        "of this chat, its settings with the languages and the /words, and the texts of what you sent, or asked for, in groups; in a "
        "group its administrators can /delete all there is of it. Your minutes of the day stay counted, and that there was a recording, "
        "without whose or what. Logs hold nothing that was said."
    ),
    "reuse_shared": "For {hours} h the same recording is answered from it, whoever sends that.",
    "reuse_own": "For {hours} h the same recording is answered from it, if you send it yourself.",
    "reuse_none": "Nobody else is answered from it.",
    "id": "🪪 Your id: {id}",
    "id_group": "🪪 This group's id: {id}",
    "reply_to_a_voice": "🎙 Answer a voice message with /transcribe, and I turn that one into text.",
    "admins_only": "🔒 Only administrators of the group may change this.",
    "not_the_owner": "🔒 Only the bot's owner may do this.",
    "unknown_language": (
        "🚫 I know no language {code}. Give its ISO 639-1 code, such as ru or en, several with commas between them, or auto."
    ),
    "id_expected": "🚫 Give the id after the command: /{command} 12345. People learn theirs by /id.",
    "language_shown": "🌐 Language of the speech: {languages}. Tick several, and I choose among them.",
    "words_shown": (
        "✏️ Words I expect here: {words}.\n\nGive them anew, with commas between them, as in /words Marina, Bishkek, pgBouncer, "
        "or erase them: /words -"
    ),
    "words_none": (
        "✏️ I expect no particular words. If I get names or terms wrong, list them with commas between them: "
        "/words Marina, Bishkek, pgBouncer. I will know them in every recording of this chat."
    ),
    "words_too_long": "🚫 These words take {count} characters, and I can keep {limit} in mind. Leave only those that I get wrong.",
    "format_shown": "📄 Answers come as: {shape}.",
    "settings_shown": (
        "⚙️ Language: {languages}\nWords: {words}\nAnswers: {shape}\nSilent: {silent}\nUnasked in groups: "
        "{auto}\n\n/language, /words and /format change the first three."
    ),
    "language_auto": "whatever is heard",
    "shape_text": "text",
    "shape_timecodes": "with times",
    "shape_txt": ".txt",
    "shape_srt": ".srt",
    "shape_vtt": ".vtt",
    "switch_silent": "Silent answers",
    "switch_auto": "Every voice message",
    "yes": "yes",
    "no": "no",
    "auto_on": "✅ From now on I transcribe every voice message here.",
    "auto_off": "✅ From now on I transcribe only what you ask for with /transcribe.",
    "accepted_waiting": "🎧 Got it. {count} before it, about {minutes} min.",
    "progress": "⏳ {percent} %",
    "cancelled": "⏹ Stopped.",
    "cancelled_all": "⏹ Stopped: {count}.",
    "nothing_to_cancel": "I am not working on anything of yours.",
    "delete_ask": (
        "🗑 Erase all texts and settings of this chat, and the texts of what you sent, or asked for, in groups? The messages themselves "
        "stay."
    ),
    "delete_ask_group": "🗑 Erase all texts and settings of this group? The messages themselves stay.",
    "delete_admins_only": (
        "🔒 Only administrators can erase a group's texts. Write /delete to me in private, and I erase those of what you sent."
    ),
    "delete_done": "🗑 Erased: the texts of {count} recordings, and the settings of this chat.",
    "delete_kept": "Nothing was erased.",
    "status": "📊 Today: {used} min of {limit}.\nYours in work: {waiting}. In line altogether: {line}.",
    "status_no_limit": "📊 Minutes are not counted.\nYours in work: {waiting}. In line altogether: {line}.",
    "users": "👥 These ids may use me:\n{ids}",
    "users_all": "👥 Everybody may use me. Let in by name:\n{ids}",
    "stats": "📈 In line: {waiting}. Speed: {speed} s of speech a second.",
    "access_unreadable": "⚠️ The list of who was let in and kept out (access.json in the bucket) can't be read, so I changed nothing. "
    "Mend it or erase it, and send the command again.",
    "admitted": "✅ {id} may use me from now on.",
    "shut_out": "⛔ {id} may not use me any more.",
    "button_timecodes": "⏱ With times",
    "button_language": "🌐 Other language",
    "button_erase": "🗑 Erase",
    "button_keep": "Keep",
    "button_dead": "This button no longer does anything.",
    "button_not_yours": "Only who asked for it, or an administrator, may do this.",
    "button_wait": "I am still working on it.",
    "button_erased": "The text has been erased by now. Send the recording again.",
    "button_again": "That is there already, see below.",
    "failed": "😔 I could not transcribe this after several tries. Please send it again later. For the owner: {job}.",
    "bot_description": (
        "I turn voice messages into text. Send or forward me a voice message, a video note, audio "
        "or video, and I answer with what is said "
        "in it. I transcribe it myself: the audio goes to no third party and is erased as soon as the text is there.\n\n"
        "In a group, reply to a voice message with /transcribe."
    ),
    "bot_short_description": "Turns voice messages into text. The audio goes to no third party and is erased at once.",
    "command_start": "What I do and how to begin",
    "command_help": "What I can do, and what to send me",
    "command_language": "Choose the language of the speech",
    "command_words": "Names and terms I should know",
    "command_format": "Choose how I give you the text",
    "command_settings": "See all the settings of this chat",
    "command_privacy": "What happens to your recordings and texts",
    "command_id": "Your id, for whoever lets people in here",
    "command_status": "How much you have used, and what is in line",
    "command_cancel": "Stop what I am transcribing for you",
    "command_delete": "Erase all I keep: about you, or about a group",
    "command_transcribe": "Reply with it to a recording to get its text",
    "command_auto": "Transcribe every voice message here: on or off",
    "command_allow": "Let somebody in: /allow and their id",
    "command_deny": "Shut somebody out: /deny and their id",
    "command_users": "Who may use the bot",
    "command_stats": "How much the bot is used, and how it fares",
}

// Every sentence of the page, in Russian and in English side by side; each module has a section of its own.
//
// A text may name values: "{name}". A text that depends on a number is an object of its plural forms, chosen by `values.count`:
// {one, few, many, other} in Russian, {one, other} in English; "{count}" in it is written as the language writes numbers.

const shell = {
  "app.name": { ru: "Писарь", en: "Pisar" },
  "app.skip": { ru: "К содержанию", en: "Skip to content" },
  "app.home": { ru: "На главную", en: "Home" },
  "app.loading": { ru: "Загружается…", en: "Loading…" },
  "app.close": { ru: "Закрыть", en: "Close" },
  "app.cancel": { ru: "Отмена", en: "Cancel" },
  "app.retry": { ru: "Повторить", en: "Try again" },
  "app.reload": { ru: "Обновить страницу", en: "Reload the page" },
  "app.quoted": { ru: "«{name}»", en: "“{name}”" },
  "app.today": { ru: "сегодня в {time}", en: "today at {time}" },
  "app.copied": { ru: "Скопировано", en: "Copied" },
  "app.lost": { ru: "Такой страницы нет", en: "There is no such page" },
  "app.lost.text": { ru: "Возможно, адрес скопирован не целиком.", en: "Perhaps the address was not copied in full." },
  "app.updated": {
    ru: "Страница на сервере обновилась. Обновите её и здесь: ничего не потеряется.",
    en: "The page has a new version on the server. Reload it here too: nothing gets lost.",
  },
  "nav.label": { ru: "Разделы", en: "Sections" },
  "nav.new": { ru: "Новая", en: "New" },
  "nav.jobs": { ru: "Записи", en: "Recordings" },
  "nav.settings": { ru: "Настройки", en: "Settings" },
  "size.b": { ru: "{n} Б", en: "{n} B" },
  "size.kb": { ru: "{n} КБ", en: "{n} KB" },
  "size.mb": { ru: "{n} МБ", en: "{n} MB" },
  "size.gb": { ru: "{n} ГБ", en: "{n} GB" },
  "span.seconds": { ru: "{n} с", en: "{n} s" },
  "span.minutes": { ru: "{n} мин", en: "{n} min" },
  "span.hours": { ru: "{h} ч", en: "{h} h" },
  "span.hours.minutes": { ru: "{h} ч {n} мин", en: "{h} h {n} min" },
};

const key = {
  "welcome.title": { ru: "Голос в текст", en: "Voice to text" },
  "welcome.text": {
    ru: "Писарь расшифровывает аудио и видео. Он работает на этом сервере, и записи больше никуда не уходят.",
    en: "Pisar turns audio and video into text. It works on this server, and your recordings go nowhere else.",
  },
  "key.label": { ru: "Ваш ключ", en: "Your key" },
  "key.show": { ru: "Показать ключ", en: "Show the key" },
  "key.hide": { ru: "Скрыть ключ", en: "Hide the key" },
  "key.remember": { ru: "Запомнить на этом устройстве", en: "Remember on this device" },
  "key.remember.hint": {
    ru: "Иначе ключ забудется, когда вы закроете вкладку. На чужом компьютере не включайте.",
    en: "Otherwise it is forgotten when you close the tab. Leave it off on a computer that others use.",
  },
  "key.enter": { ru: "Войти", en: "Continue" },
  "key.checking": { ru: "Проверяю ключ…", en: "Checking the key…" },
  "key.where": { ru: "Где взять ключ?", en: "Where do I get a key?" },
  "key.where.text": {
    ru: "Ключ выдаёт владелец сервиса: он создаёт его командой «pisar keys create имя». Показывается ключ один раз.",
    en: "The owner of this service gives it to you, and makes it with “pisar keys create name”. It is shown once.",
  },
  "key.empty": { ru: "Вставьте ключ, который вам дали.", en: "Paste the key you were given." },
  "key.wrong": {
    ru: "Этот ключ не подходит. Проверьте, что он скопирован целиком, или попросите у владельца новый.",
    en: "This key does not work. Check that you copied all of it, or ask the owner for a new one.",
  },
  "key.odd": {
    ru: "На ключ это не похоже: в нём бывают только латинские буквы, цифры, дефис и подчёркивание, без пробелов.",
    en: "This does not look like a key: it has Latin letters, digits, hyphens and underscores only, and no blanks.",
  },
  "key.taken": { ru: "Ключ принят, пока открыта эта вкладка.", en: "The key is kept until you close this tab." },
  "key.taken.remember": { ru: "Запомнить", en: "Remember it" },
};

// Each code of the API's errors. {when} is a moment, or nothing; {megabytes} and {minutes} are this key's limits.
const problems = {
  "problem.offline": {
    ru: "Сервер не отвечает. Проверьте соединение с сетью.",
    en: "The server does not answer. Check your network connection.",
  },
  "problem.timeout": { ru: "Сервер отвечает слишком долго.", en: "The server takes too long to answer." },
  "problem.unauthorized": {
    ru: "Ключ больше не подходит: возможно, его отозвали. Введите другой.",
    en: "The key no longer works: it may have been revoked. Enter another one.",
  },
  "problem.not_allowed": { ru: "Этому ключу сюда нельзя.", en: "This key may not do that." },
  "problem.quota_used": {
    ru: "Минуты на сегодня кончились. Новые появятся: {when}.",
    en: "Today’s minutes are used up. New minutes come: {when}.",
  },
  "problem.queue_full": {
    ru: "Сейчас в очереди слишком много записей. Попробуйте через минуту.",
    en: "Too many recordings are waiting right now. Try again in a minute.",
  },
  "problem.too_many_awaited": {
    ru: "Начато слишком много загрузок. Закончите их или удалите лишние.",
    en: "Too many uploads have been started. Finish them, or delete some.",
  },
  "problem.not_found": {
    ru: "Такой записи нет: её удалили, срок хранения вышел или она сделана с другим ключом.",
    en: "There is no such recording: it was deleted, its time is over, or it belongs to another key.",
  },
  "problem.job_deleted": { ru: "Эту запись удалили.", en: "This recording was deleted." },
  "problem.no_transcript": { ru: "Текста больше нет: срок его хранения вышел.", en: "The text is gone: it is kept for a limited time." },
  "problem.cannot_decode": {
    ru: "Файл не читается как аудио или видео. Возможно, он повреждён или сохранён не до конца.",
    en: "The file can’t be read as audio or video. It may be damaged or incomplete.",
  },
  "problem.no_audio_track": { ru: "В файле нет звуковой дорожки.", en: "The file has no audio track." },
  "problem.no_such_track": { ru: "Такой звуковой дорожки в файле нет.", en: "The file has no such audio track." },
  "problem.too_heavy": {
    ru: "На эту запись не хватило памяти. Сохраните её обычным mp3 или ogg и загрузите снова.",
    en: "The recording takes more memory than there is. Save it as an ordinary mp3 or ogg and send it again.",
  },
  "problem.unsupported": { ru: "Это не аудио и не видео.", en: "This is neither audio nor video." },
  "problem.unsupported_sound": {
    ru: "Такой звук не поддерживается. Сохраните запись обычным mp3 или ogg и загрузите снова.",
    en: "This kind of sound is not supported. Save it as an ordinary mp3 or ogg and send it again.",
  },
  "problem.too_big": {
    ru: "Файл слишком большой. Принимаются файлы до {megabytes} МБ: сожмите запись или разрежьте на части.",
    en: "The file is too big. Files of up to {megabytes} MB are taken: compress the recording or cut it into parts.",
  },
  "problem.too_long": {
    ru: "Запись слишком длинная. Принимаются записи до {minutes} минут: разрежьте её на части.",
    en: "The recording is too long. Recordings of up to {minutes} minutes are taken: cut it into parts.",
  },
  "problem.file_unavailable": { ru: "Файл больше недоступен. Загрузите его ещё раз.", en: "The file is no longer available. Upload it again." },
  "problem.deliveries_used_up": {
    ru: "Не получилось, хотя было несколько попыток. Загрузите файл ещё раз; если не поможет, сообщите владельцу сервиса.",
    en: "It failed several times in a row. Upload the file again, and tell the owner of the service if that does not help.",
  },
  "problem.busy": { ru: "Слишком много запросов сразу. Подождите немного.", en: "Too many requests at once. Wait a little." },
  "problem.try_again": { ru: "Сервер сейчас занят. Попробуйте ещё раз.", en: "The server is busy right now. Try again." },
  "problem.internal": { ru: "На сервере что-то сломалось. Попробуйте ещё раз.", en: "Something went wrong on the server. Try again." },
  "problem.expired": {
    ru: "Загрузку не закончили вовремя. Загрузите файл заново.",
    en: "The upload was not finished in time. Upload the file again.",
  },
  "problem.unreadable": {
    ru: "Браузер больше не может прочитать этот файл: его изменили, переместили или удалили. Выберите его ещё раз.",
    en: "The browser can no longer read this file: it was changed, moved or deleted. Choose it again.",
  },
  "problem.other_file": { ru: "Это другой файл: нужен «{name}», {size}.", en: "This is another file: “{name}” of {size} is needed." },
  "problem.empty": { ru: "Файл пустой.", en: "The file is empty." },
  "problem.refused_by_store": { ru: "Хранилище не приняло файл.", en: "The storage did not take the file." },
  "problem.share_gone": {
    ru: "Ссылка больше не действует: её срок вышел, её отозвали или скопировали не целиком.",
    en: "This link no longer works: its time is over, it was taken back, or it was not copied in full.",
  },
  "problem.unknown": { ru: "Не получилось ({code}).", en: "That did not work ({code})." },
  "way.key": { ru: "Ввести другой ключ", en: "Enter another key" },
  "way.list": { ru: "К моим записям", en: "To my recordings" },
  "way.fresh": { ru: "Выбрать другой файл", en: "Choose another file" },
  "way.settings": { ru: "Сколько минут осталось", en: "See my minutes" },
};

const intake = {
  "intake.title": { ru: "Расшифровать запись", en: "Transcribe a recording" },
  "intake.drop": { ru: "Перетащите сюда файлы или папку", en: "Drop files or a folder here" },
  "intake.drop.touch": { ru: "Аудио или видео с устройства", en: "Audio or video from your device" },
  "intake.let_go": { ru: "Отпустите, чтобы загрузить", en: "Let go to upload" },
  "intake.choose": { ru: "Выбрать файлы", en: "Choose files" },
  "intake.folder": { ru: "Выбрать папку", en: "Choose a folder" },
  "intake.record": { ru: "Записать голос", en: "Record" },
  "intake.record.close": { ru: "Закрыть диктофон", en: "Close the recorder" },
  "intake.limits": {
    ru: "Любой обычный формат, до {size} и {span}.",
    en: "Any common format, up to {size} and {span}.",
  },
  "intake.paste": { ru: "Можно и вставить из буфера.", en: "Pasting works too." },
  "intake.options": { ru: "Как расшифровать", en: "How to transcribe" },
  "intake.language": { ru: "Язык записи", en: "Spoken language" },
  "intake.language.auto": { ru: "Определить по записи", en: "Detect it" },
  "intake.language.often": { ru: "Частые", en: "Common" },
  "intake.language.all": { ru: "Все", en: "All" },
  "intake.words": { ru: "Слова, которые могут встретиться", en: "Words to expect" },
  "intake.words.hint": {
    ru: "Имена, названия, термины через запятую. Например: Марина, Бишкек, pgBouncer",
    en: "Names, places and terms, with commas. For example: Marina, Bishkek, pgBouncer",
  },
  "intake.translate": { ru: "Перевести на английский", en: "Translate into English" },
  "intake.hidden": {
    ru: { one: "{count} скрытый файл пропущен.", few: "{count} скрытых файла пропущено.", many: "{count} скрытых файлов пропущено.", other: "{count} скрытого файла пропущено." },
    en: { one: "{count} hidden file was passed over.", other: "{count} hidden files were passed over." },
  },
  "intake.none": { ru: "Здесь нет файлов.", en: "There are no files in it." },
  "intake.added": {
    ru: { one: "Добавлен {count} файл", few: "Добавлено {count} файла", many: "Добавлено {count} файлов", other: "Добавлено {count} файла" },
    en: { one: "{count} file added", other: "{count} files added" },
  },
  "intake.doubtful": {
    ru: {
      one: "Похоже, это не запись: {names}. Если хотите, загрузите всё равно.",
      few: "Похоже, это не записи: {names}. Если хотите, загрузите их всё равно.",
      many: "Похоже, это не записи: {names}. Если хотите, загрузите их всё равно.",
      other: "Похоже, это не записи: {names}. Если хотите, загрузите их всё равно.",
    },
    en: {
      one: "This does not look like a recording: {names}. You can upload it all the same.",
      other: "These do not look like recordings: {names}. You can upload them all the same.",
    },
  },
  "intake.doubtful.more": { ru: "и ещё {n}", en: "and {n} more" },
  "intake.doubtful.send": { ru: "Всё равно загрузить", en: "Upload anyway" },
  "intake.doubtful.drop": { ru: "Не надо", en: "Leave it out" },
  "intake.recent": { ru: "Недавние записи", en: "Recent recordings" },
  "intake.all": { ru: "Все записи", en: "All recordings" },
};

const uploads = {
  "uploads.title": { ru: "Загрузки", en: "Uploads" },
  "uploads.whole": { ru: "Загрузка «{name}»", en: "Upload of “{name}”" },
  "uploads.waiting": { ru: "Ждёт своей очереди на загрузку", en: "Waits for other uploads" },
  "uploads.creating": { ru: "Начинается…", en: "Starting…" },
  "uploads.sending": { ru: "{percent} · {speed}/с · осталось {left}", en: "{percent} · {speed}/s · {left} left" },
  "uploads.sending.first": { ru: "{percent}", en: "{percent}" },
  "uploads.completing": { ru: "Загружено, проверяется…", en: "Uploaded, being checked…" },
  "uploads.paused": { ru: "Пауза · {percent}", en: "Paused · {percent}" },
  "uploads.offline": { ru: "Нет связи · {percent} · продолжится само", en: "No connection · {percent} · goes on by itself" },
  "uploads.left": { ru: "Не загружен до конца · {size}", en: "Not fully uploaded · {size}" },
  "uploads.left.file": { ru: "Не загружен до конца · {size} · выберите файл ещё раз", en: "Not fully uploaded · {size} · choose the file again" },
  "uploads.pause.of": { ru: "Пауза: {name}", en: "Pause {name}" },
  "uploads.resume": { ru: "Продолжить", en: "Resume" },
  "uploads.resume.of": { ru: "Продолжить: {name}", en: "Resume {name}" },
  "uploads.cancel.of": { ru: "Отменить: {name}", en: "Cancel {name}" },
  "uploads.choose": { ru: "Выбрать файл", en: "Choose the file" },
  "uploads.said.done": { ru: "{name}: загружено", en: "{name} is uploaded" },
};

const jobs = {
  "jobs.title": { ru: "Мои записи", en: "My recordings" },
  "jobs.empty": { ru: "Здесь пока пусто", en: "Nothing here yet" },
  "jobs.empty.text": {
    ru: "Загрузите запись или наговорите её в микрофон, и её текст появится здесь.",
    en: "Upload a recording or speak one into the microphone, and its text will appear here.",
  },
  "jobs.empty.way": { ru: "Добавить запись", en: "Add a recording" },
  "jobs.more": { ru: "Показать ещё", en: "Show more" },
  "jobs.kept": {
    ru: { one: "Тексты хранятся {count} день.", few: "Тексты хранятся {count} дня.", many: "Тексты хранятся {count} дней.", other: "Тексты хранятся {count} дня." },
    en: { one: "Texts are kept for {count} day.", other: "Texts are kept for {count} days." },
  },
  "jobs.nameless": { ru: "Запись от {when}", en: "Recording of {when}" },
  "jobs.delete": { ru: "Удалить", en: "Delete" },
  "jobs.delete.of": { ru: "Удалить: {name}", en: "Delete {name}" },
  "jobs.delete.sure": { ru: "Удалить запись?", en: "Delete this recording?" },
  "jobs.delete.text": {
    ru: "«{name}», её текст и исправления исчезнут, ссылки на неё перестанут работать. Вернуть их будет нельзя.",
    en: "“{name}”, its text and corrections go for good, and links to it stop working.",
  },
  "jobs.deleted": { ru: "{name}: удалено", en: "{name} is deleted" },
  "state.awaiting_upload": { ru: "Ждёт файла", en: "Waiting for its file" },
  "state.expired": { ru: "Не загружена", en: "Never uploaded" },
  "state.queued": { ru: "В очереди", en: "In line" },
  "state.working": { ru: "Расшифровывается", en: "Being transcribed" },
  "state.done": { ru: "Готово", en: "Done" },
  "state.failed": { ru: "Не получилось", en: "Failed" },
  "job.place": {
    ru: { one: "Перед ней {count} запись.", few: "Перед ней {count} записи.", many: "Перед ней {count} записей.", other: "Перед ней {count} записи." },
    en: { one: "{count} recording is before it.", other: "{count} recordings are before it." },
  },
  "job.next": { ru: "Она следующая.", en: "It is next." },
  "job.expected": { ru: "Осталось около {span}.", en: "About {span} left." },
  "job.soon": { ru: "Вот-вот будет готово.", en: "Almost done." },
  "job.close": { ru: "Страницу можно закрыть: работа идёт на сервере.", en: "You can close this page: the server goes on working." },
  "job.progress": { ru: "Расшифровано", en: "Transcribed" },
  "job.cancel": { ru: "Отменить", en: "Cancel" },
  "job.cancel.sure": { ru: "Отменить расшифровку?", en: "Cancel this transcription?" },
  "job.cancel.text": { ru: "«{name}» будет удалена вместе с тем, что уже расшифровано.", en: "“{name}” will be deleted, with what has been heard so far." },
  "job.cancel.back": { ru: "Не отменять", en: "Keep it" },
  "job.uploading": { ru: "Загружается", en: "Uploading" },
  "job.unfinished": { ru: "Файл ещё не загружен до конца", en: "The file is not fully uploaded yet" },
  "job.unfinished.text": {
    ru: "Если загрузка идёт в другой вкладке или на другом устройстве, просто подождите. Если она прервалась, выберите тот же файл: она продолжится с того же места.",
    en: "If it is being uploaded in another tab or on another device, just wait. If the upload was interrupted, choose the same file: it goes on from where it stopped.",
  },
  "job.unfinished.form": {
    ru: "Его загружает другая программа. Когда файл придёт, его текст появится здесь.",
    en: "Another program uploads it. Once the file is there, its text appears here.",
  },
  "job.unfinished.other": { ru: "Это другой файл: его размер не подходит.", en: "This is another file: its size does not fit." },
  "job.silent": { ru: "Речи не слышно", en: "No speech was heard" },
  "job.silent.text": {
    ru: "В записи никто не говорит, или звук слишком тихий. Проверьте, тот ли это файл.",
    en: "Nobody speaks in this recording, or the sound is too faint. Check that it is the right file.",
  },
  "job.again": { ru: "Расшифровать другую", en: "Transcribe another" },
  "job.translated": { ru: "перевод на английский", en: "translated into English" },
  "job.ready": { ru: "Готово: текст на странице", en: "Done: the text is on the page" },
};

const share = {
  "share.button": { ru: "Поделиться", en: "Share" },
  "share.title": { ru: "Ссылка на расшифровку", en: "A link to this transcript" },
  "share.text": {
    ru: "Кто откроет ссылку, прочтёт эту расшифровку и больше ничего. Ключ для этого не нужен.",
    en: "Whoever opens the link can read this transcript and nothing else. No key is needed.",
  },
  "share.days": { ru: "Сколько действует", en: "How long it works" },
  "share.for": {
    ru: { one: "{count} день", few: "{count} дня", many: "{count} дней", other: "{count} дня" },
    en: { one: "{count} day", other: "{count} days" },
  },
  "share.make": { ru: "Создать ссылку", en: "Make a link" },
  "share.again": { ru: "Создать новую", en: "Make a new one" },
  "share.link": { ru: "Ссылка", en: "Link" },
  "share.copy": { ru: "Скопировать", en: "Copy" },
  "share.until": { ru: "Действует до: {when}.", en: "Works until {when}." },
  "share.exists": {
    ru: "Ссылка уже есть, но показать её снова нельзя: сервер хранит только её отпечаток. Новая заменит прежнюю.",
    en: "There is a link already, but it can’t be shown again: the server keeps only its fingerprint. A new one replaces it.",
  },
  "share.revoke": { ru: "Отозвать ссылку", en: "Take the link back" },
  "share.revoked": { ru: "Ссылка отозвана: по ней больше ничего не открыть.", en: "The link is taken back: it opens nothing any more." },
  "share.made": { ru: "Ссылка создана", en: "The link is made" },
  "shared.title": { ru: "Расшифровка", en: "Transcript" },
  "shared.from": { ru: "С вами поделились этой расшифровкой.", en: "Somebody shared this transcript with you." },
  "shared.gone": { ru: "Ссылка не действует", en: "This link does not work" },
  "shared.gone.text": {
    ru: "Её срок вышел, её отозвали или скопировали не целиком. Попросите новую у того, кто её прислал.",
    en: "Its time is over, it was taken back, or it was not copied in full. Ask whoever sent it for a new one.",
  },
};

const settings = {
  "settings.title": { ru: "Настройки", en: "Settings" },
  "settings.language": { ru: "Язык страницы", en: "Language of this page" },
  "settings.theme": { ru: "Оформление", en: "Appearance" },
  "settings.theme.auto": { ru: "Как в системе", en: "Same as the system" },
  "settings.theme.light": { ru: "Светлое", en: "Light" },
  "settings.theme.dark": { ru: "Тёмное", en: "Dark" },
  "settings.key": { ru: "Ключ", en: "Key" },
  "settings.key.name": { ru: "Имя ключа", en: "Name of the key" },
  "settings.key.is": { ru: "Ключ", en: "Key" },
  "settings.key.remembered": { ru: "Запомнен на этом устройстве", en: "Remembered on this device" },
  "settings.key.session": { ru: "Забудется, когда вы закроете вкладку", en: "Forgotten when you close the tab" },
  "settings.key.remember": { ru: "Запомнить на этом устройстве", en: "Remember on this device" },
  "settings.minutes": { ru: "Минуты на сегодня", en: "Minutes today" },
  "settings.minutes.any": { ru: "Без ограничения", en: "No limit" },
  "settings.minutes.left": { ru: "Осталось {left} из {all}. Новые появятся: {when}.", en: "{left} of {all} left. New minutes come: {when}." },
  "settings.file": { ru: "Запись", en: "A recording" },
  "settings.file.limits": { ru: "До {size} и {span}", en: "Up to {size} and {span}" },
  "settings.keep": { ru: "Текст хранится", en: "A text is kept for" },
  "settings.days": {
    ru: { one: "{count} день", few: "{count} дня", many: "{count} дней", other: "{count} дня" },
    en: { one: "{count} day", other: "{count} days" },
  },
  "settings.forget": { ru: "Забыть ключ", en: "Forget the key" },
  "settings.forget.sure": { ru: "Забыть ключ на этом устройстве?", en: "Forget the key on this device?" },
  "settings.forget.text": {
    ru: "Из браузера исчезнет всё, что он хранит для этой страницы: ключ, звук ваших записей, неоконченные загрузки и черновики диктофона. Тексты на сервере останутся.",
    en: "Everything this page keeps in the browser goes: the key, the sound of your recordings, unfinished uploads and recorder drafts. Your texts stay on the server.",
  },
  "settings.forgotten": { ru: "Всё стёрто из браузера", en: "Everything is erased from this browser" },
  "settings.about": { ru: "О странице", en: "About" },
  "settings.about.text": {
    ru: "Писарь работает на этом сервере целиком. Страница ничего не загружает с чужих сайтов и никого не отслеживает.",
    en: "All of Pisar works on this server. The page loads nothing from other sites and tracks nobody.",
  },
  "settings.about.sound": {
    ru: "Звук с сервера стирается, как только готов текст. Чтобы слушать его рядом с текстом, браузер хранит свою копию.",
    en: "The server erases the sound as soon as the text is ready. To play it beside the text, the browser keeps a copy of its own.",
  },
  "settings.about.api": { ru: "Для программ: описание API", en: "For programs: the API’s description" },
};

// The section of transcript.js, player.js, search.js and exports.js.
const transcript = {
  "text.label": { ru: "Расшифровка", en: "Transcript" },
  "text.words": { ru: "Текст", en: "Text" },
  "text.how": {
    ru: "Стрелки переводят от слова к слову. Enter включает звук с этого слова. Все клавиши покажет вопросительный знак.",
    en: "The arrow keys move between words. Enter plays from a word. A question mark shows all keys.",
  },
  "text.how.silent": {
    ru: "Стрелки переводят от слова к слову. Все клавиши покажет вопросительный знак.",
    en: "The arrow keys move between words. A question mark shows all keys.",
  },
  "text.growing": { ru: "Запись ещё расшифровывается. Текст появляется сам.", en: "Still transcribing. The text appears by itself." },
  "text.waiting": { ru: "Первые слова появятся здесь.", en: "The first words will appear here." },
  "text.silence": { ru: "В этой записи никто не говорит.", en: "Nobody speaks in this recording." },
  "text.follow": { ru: "К звучащему слову", en: "Back to what is playing" },
  "view.label": { ru: "Вид текста", en: "Layout" },
  "view.paragraphs": { ru: "Абзацы", en: "Paragraphs" },
  "view.cues": { ru: "Таймкоды", en: "With times" },
  "search.label": { ru: "Найти в тексте", en: "Find in the text" },
  "search.count": { ru: "{at} из {count}", en: { one: "{at} of {count}", other: "{at} of {count}" } },
  "search.none": { ru: "Не найдено", en: "Not found" },
  "search.previous": { ru: "Предыдущее совпадение", en: "Previous match" },
  "search.next": { ru: "Следующее совпадение", en: "Next match" },
  "export.label": { ru: "Забрать текст", en: "Take the text along" },
  "export.copy": { ru: "Копировать", en: "Copy" },
  "export.copied": { ru: "Скопировано.", en: "Copied." },
  "export.file": { ru: "Скачать .{ending}", en: "Download .{ending}" },
  "export.txt": { ru: "Текст с абзацами", en: "Text in paragraphs" },
  "export.srt": { ru: "Субтитры SubRip", en: "SubRip subtitles" },
  "export.vtt": { ru: "Субтитры WebVTT, для сайтов", en: "WebVTT subtitles, for web pages" },
  "export.json": { ru: "Текст, время каждого слова и прочее, для программ", en: "The text, the time of each word and more, for programs" },
  "export.name": { ru: "расшифровка", en: "transcript" },
  "export.saved": { ru: "Скачан файл «{name}».", en: "Downloaded “{name}”." },
  "export.refused": {
    ru: "Браузер не дал скопировать. Выделите текст и скопируйте его сами.",
    en: "The browser did not allow copying. Select the text and copy it yourself.",
  },
  "export.unsaved": {
    ru: {
      one: "В нём ещё нет {count} исправления: оно не сохранено.",
      few: "В нём ещё нет {count} исправлений: они не сохранены.",
      many: "В нём ещё нет {count} исправлений: они не сохранены.",
      other: "В нём ещё нет {count} исправления: они не сохранены.",
    },
    en: {
      one: "{count} correction is not saved yet and is missing in it.",
      other: "{count} corrections are not saved yet and are missing in it.",
    },
  },
  "player.label": { ru: "Звук записи", en: "Sound" },
  "player.seek": { ru: "Место в записи", en: "Position" },
  "player.at": { ru: "{time} из {whole}", en: "{time} of {whole}" },
  "player.play": { ru: "Слушать", en: "Play" },
  "player.pause": { ru: "Пауза", en: "Pause" },
  "player.back": { ru: "Назад на 5 секунд", en: "Back 5 seconds" },
  "player.forward": { ru: "Вперёд на 5 секунд", en: "Forward 5 seconds" },
  "player.speed": { ru: "Скорость", en: "Speed" },
  "player.times": { ru: "{speed}×", en: "{speed}×" },
  "sound.none": {
    ru: "Звука здесь нет: его хранит только браузер, из которого запись отправили. Если файл у вас под рукой, выберите его, и текст можно будет слушать.",
    en: "The sound is not here: only the browser that sent it keeps it. If you have the file, choose it to listen along.",
  },
  "sound.shared": {
    ru: "По ссылке виден только текст. Если у вас есть сама запись, выберите её, и текст можно будет слушать.",
    en: "The link shows the text alone. If you have the recording, choose it to listen along.",
  },
  "sound.broken": {
    ru: "Этот браузер не может воспроизвести эту запись. Текст от этого не меняется. Можно выбрать ту же запись в другом формате, например MP3.",
    en: "This browser can't play this recording. The text is not affected. You can choose the same recording in another format, such as MP3.",
  },
  "sound.choose": { ru: "Выбрать файл", en: "Choose the file" },
  "correct.mode": { ru: "Исправлять", en: "Correct" },
  "correct.hint": {
    ru: "Нажмите на слово, чтобы исправить его. Enter сохраняет, Esc отменяет, пустое поле убирает слово.",
    en: "Click a word to correct it. Enter saves, Esc cancels, an empty field takes the word away.",
  },
  "correct.later": { ru: "Исправлять можно, когда расшифровка закончится.", en: "You can correct the text once it is complete." },
  "correct.field": { ru: "Исправить «{word}»", en: "Correct “{word}”" },
  "correct.save": { ru: "Сохранить", en: "Save" },
  "correct.cancel": { ru: "Не менять", en: "Leave as it was" },
  "correct.listen": { ru: "Прослушать слово", en: "Listen to the word" },
  "correct.back": { ru: "Вернуть", en: "Take back" },
  "correct.back.word": { ru: "Вернуть «{word}»", en: "Take back to “{word}”" },
  "correct.back.heard": { ru: "Вернуть «{word}»", en: "Back to “{word}”" },
  "correct.taken": { ru: "убрано", en: "taken away" },
  "correct.count": {
    ru: { one: "{count} исправление", few: "{count} исправления", many: "{count} исправлений", other: "{count} исправления" },
    en: { one: "{count} correction", other: "{count} corrections" },
  },
  "correct.unsaved": {
    ru: {
      one: "{count} исправление ещё не сохранено",
      few: "{count} исправления ещё не сохранены",
      many: "{count} исправлений ещё не сохранены",
      other: "{count} исправления ещё не сохранены",
    },
    en: { one: "{count} correction is not saved yet", other: "{count} corrections are not saved yet" },
  },
  "correct.kept": {
    ru: "Они хранятся в этом браузере и отправятся сами, как только появится связь.",
    en: "They are kept in this browser and will be sent as soon as the server can be reached.",
  },
  "correct.again": { ru: "Отправить сейчас", en: "Send now" },
  "correct.drop": { ru: "Отказаться от них", en: "Drop them" },
  "keys.title": { ru: "Клавиши", en: "Keys" },
  "keys.space": { ru: "Пробел", en: "Space" },
  "keys.toggle": { ru: "Слушать или пауза", en: "Play or pause" },
  "keys.back": { ru: "Назад на 5 секунд", en: "Back 5 seconds" },
  "keys.forward": { ru: "Вперёд на 5 секунд", en: "Forward 5 seconds" },
  "keys.speed": { ru: "Медленнее, быстрее", en: "Slower, faster" },
  "keys.search": { ru: "Найти в тексте", en: "Find in the text" },
  "keys.help": { ru: "Этот список", en: "This list" },
  "keys.in.text": { ru: "В тексте", en: "In the text" },
  "keys.move": { ru: "От слова к слову", en: "From word to word" },
  "keys.play": { ru: "Слушать с этого слова", en: "Play from this word" },
  "keys.correct": { ru: "Исправить слово", en: "Correct the word" },
  "keys.save": { ru: "Сохранить исправление", en: "Save the correction" },
  "keys.drop": { ru: "Оставить как было", en: "Leave the word as it was" },
  "keys.on": { ru: "Клавиши без Ctrl и Alt включены", en: "Keys without Ctrl and Alt are on" },
};

// The section of recorder.js.
const recorder = {
  "record.label": { ru: "Запись с микрофона", en: "Recording" },
  "record.start": { ru: "Записать с микрофона", en: "Record" },
  "record.opening": { ru: "Браузер спрашивает о микрофоне…", en: "Waiting for the microphone…" },
  "record.microphone": { ru: "Микрофон", en: "Microphone" },
  "record.running": { ru: "Идёт запись", en: "Recording" },
  "record.paused": { ru: "Пауза", en: "Paused" },
  "record.time": { ru: "Записано", en: "Recorded" },
  "record.level": { ru: "Громкость", en: "Level" },
  "record.level.silent": { ru: "тишина", en: "silence" },
  "record.level.quiet": { ru: "тихо", en: "quiet" },
  "record.level.good": { ru: "хорошо", en: "good" },
  "record.level.loud": { ru: "слишком громко", en: "too loud" },
  "record.level.loud.way": { ru: "Слишком громко: отодвиньтесь от микрофона.", en: "Too loud: move away from the microphone." },
  "record.silence": {
    ru: "Звука нет. Проверьте, тот ли микрофон выбран и не выключен ли он.",
    en: "No sound arrives. Check that the right microphone is chosen and that it is not muted.",
  },
  "record.stop": { ru: "Готово", en: "Done" },
  "record.pause": { ru: "Пауза", en: "Pause" },
  "record.resume": { ru: "Продолжить", en: "Go on" },
  "record.discard": { ru: "Удалить", en: "Discard" },
  "record.discard.title": { ru: "Удалить запись?", en: "Discard the recording?" },
  "record.discard.text": { ru: "Записано {time}. Вернуть это будет нельзя.", en: "{time} was recorded. It can't be brought back." },
  "record.discard.yes": { ru: "Удалить", en: "Discard" },
  "record.discard.no": { ru: "Оставить", en: "Keep" },
  "record.ready": { ru: "Записано {time}", en: "{time} recorded" },
  "record.send": { ru: "Расшифровать", en: "Transcribe" },
  "record.sending": { ru: "Отправляется…", en: "Sending…" },
  "record.unsent": { ru: "Отправить не получилось. Запись цела, попробуйте ещё раз.", en: "It could not be sent. The recording is safe; try again." },
  "record.empty": { ru: "Браузер не записал ничего.", en: "The browser recorded nothing." },
  "record.name": { ru: "Запись {when}", en: "Recording {when}" },
  "record.unkept": {
    ru: "Этот браузер не может сохранять запись по ходу дела. Не закрывайте вкладку, пока не закончите.",
    en: "This browser can't keep the recording as it goes. Do not close the tab before you are done.",
  },
  "record.lost": {
    ru: "Микрофон отключился. То, что записано до этого, цело.",
    en: "The microphone went away. What was recorded before is safe.",
  },
  "record.left.title": { ru: "Осталась неотправленная запись", en: "A recording was not sent" },
  "record.left.text": { ru: "{when}, длина {time}.", en: "{when}, {time} long." },
  "record.left.open": { ru: "Открыть", en: "Open" },
  "record.no.insecure": { ru: "Здесь браузер не даёт микрофон", en: "The browser gives no microphone here" },
  "record.way.insecure": {
    ru: "Он даёт его только страницам с HTTPS. Откройте эту страницу по адресу с https:// или запишите звук диктофоном и добавьте файл.",
    en: "It gives it only to pages with HTTPS. Open this page by an address with https://, or record with another app and add the file.",
  },
  "record.no.unsupported": { ru: "Этот браузер не умеет записывать звук", en: "This browser can't record" },
  "record.way.unsupported": {
    ru: "Откройте страницу в свежем Firefox, Chrome или Safari или запишите звук диктофоном и добавьте файл.",
    en: "Open the page in a recent Firefox, Chrome or Safari, or record with another app and add the file.",
  },
  "record.no.refused": { ru: "Микрофон не разрешён", en: "The microphone is not allowed" },
  "record.way.refused": {
    ru: "Разрешите его этой странице: значок слева от адреса, «Микрофон». Проверьте и настройки системы. Потом нажмите «Записать» ещё раз.",
    en: "Allow it for this page: the sign beside the address, “Microphone”. Check the system's settings too. Then press “Record” again.",
  },
  "record.no.missing": { ru: "Микрофон не найден", en: "There is no microphone" },
  "record.way.missing": {
    ru: "Подключите микрофон или наушники с ним и нажмите «Записать» ещё раз. Или добавьте готовый файл.",
    en: "Plug in a microphone or a headset and press “Record” again. Or add a file.",
  },
  "record.no.busy": { ru: "Микрофон занят", en: "The microphone is in use" },
  "record.way.busy": {
    ru: "Похоже, его держит другая программа. Закройте её и нажмите «Записать» ещё раз.",
    en: "Another program seems to hold it. Close that and press “Record” again.",
  },
  "record.no.broken": { ru: "Запись не началась", en: "The recording did not start" },
  "record.way.broken": {
    ru: "Обновите страницу и попробуйте ещё раз. Или запишите звук диктофоном и добавьте файл.",
    en: "Reload the page and try again. Or record with another app and add the file.",
  },
};

export const TEXTS = {
  ...shell,
  ...key,
  ...problems,
  ...intake,
  ...uploads,
  ...jobs,
  ...share,
  ...settings,
  ...transcript,
  ...recorder,
};

export const LANGUAGES = { ru: "Русский", en: "English" };

// Languages whose speakers more likely read Russian than English.
const NEAR_RUSSIAN = /^(ru|be|uk|kk|ky)\b/i;

export const browserLanguage = (preferred = navigator.languages) => (preferred.some((each) => NEAR_RUSSIAN.test(each)) ? "ru" : "en");

// Returns t(name, values) for a language; t.language, t.has(name), t.number(n, options), t.moment(milliseconds), t.date(milliseconds).
export function translator(language) {
  const plural = new Intl.PluralRules(language);
  const number = (value, options) => new Intl.NumberFormat(language, options).format(value);
  const t = (name, values = {}) => {
    let text = TEXTS[name]?.[language];
    if (text === undefined) return name; // a test looks for these
    if (typeof text === "object") text = text[plural.select(values.count)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (_, each) => (typeof values[each] === "number" ? number(values[each]) : (values[each] ?? "")));
  };
  // The browser's own kind of the language: in Britain and in America hours are counted differently.
  const locale = navigator.languages.find((each) => each.split("-")[0] === language) ?? language;
  const dated = (milliseconds, options) => new Intl.DateTimeFormat(locale, options).format(milliseconds);
  t.language = language;
  t.has = (name) => name in TEXTS;
  t.number = number;
  t.date = (milliseconds, options = { day: "numeric", month: "long", year: "numeric" }) => dated(milliseconds, options);
  // A moment as people say it: "today at 7:04", with the day where it is another, with the year where that is.
  t.moment = (milliseconds, now = Date.now()) => {
    const [then, today] = [new Date(milliseconds), new Date(now)];
    const time = { hour: "numeric", minute: "2-digit" };
    if (then.toDateString() === today.toDateString()) return t("app.today", { time: dated(milliseconds, time) });
    const day = { day: "numeric", month: "long", ...time };
    return dated(milliseconds, then.getFullYear() === today.getFullYear() ? day : { ...day, year: "numeric" });
  };
  return t;
}

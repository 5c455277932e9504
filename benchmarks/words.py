"""What words to expect do: how many rare names come out right with them and without, in which form, and what they spoil elsewhere.

Sentences with rare names are spoken by festival in Russian and by espeak-ng in English, each a recording of its own. All the names of
a language are asked for at once, as a chat's /words are. Where nobody says them they must change nothing: people's prompts are heard with
them too, and sounds in which nobody speaks. Needs Debian's festival, festvox-ru, espeak-ng, asterisk-core-sounds-{ru,en}-g722 with their
texts, sound-theme-freedesktop and sound-icons.

    ./setup.sh debian festival festvox-ru espeak-ng asterisk-core-sounds-ru asterisk-core-sounds-ru-g722 asterisk-core-sounds-en \
        asterisk-core-sounds-en-g722 sound-theme-freedesktop sound-icons
    python -m benchmarks.words --model ggml-base.bin [--threads 2] [--prompts 20]
"""

import gzip
import re
import subprocess
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from demo.error_rate import word_errors
from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.speech_detector import SileroSpeechDetector
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import AudioLimits
from pisar.domain.jobs import Options
from pisar.domain.options import as_prompt
from pisar.speech.recognition import Heard, Recognition

WORK = Path(__file__).parent.parent / "build" / "words"
LIMITS = AudioLimits(max_bytes=10**8, max_seconds=600)
PROMPTS = {"ru": "ru_RU_f_IvrvoiceRU", "en": "en_US_f_Allison"}
SOUNDS = ("/usr/share/sounds/freedesktop", "/usr/share/sounds/sound-icons")

FORMS: dict[str, Callable[[str], str]] = {
    "no words": lambda _: "",
    "A, B, C": lambda words: words,
    "A, B, C.": as_prompt,
    "Glossary: A, B, C.": lambda words: f"Glossary: {words}.",
    "A. B. C.": lambda words: words.replace(", ", ". ") + ".",
}
"""Ways to put a list of words to Whisper. What people said and sounds are heard with the first and with the one that Pisar takes."""
IN_FULL = ("no words", "A, B, C.")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it is given to the voice, as it is to be written, and the rare names in it."""

    spoken: str
    names: tuple[str, ...]
    written: str = ""


SENTENCES = {
    "ru": (
        Sentence("Марина прилетела в Бишкек во вторник вечером.", ("Марина", "Бишкек")),
        Sentence("Перезапусти пиджи баунсер на втором сервере.", ("pgBouncer",), "Перезапусти pgBouncer на втором сервере."),
        Sentence("Раньше этот город назывался Целиноград.", ("Целиноград",)),
        Sentence("Отчёт подготовила Гульнара, а проверил Ермек.", ("Гульнара", "Ермек")),
        Sentence("Завтра мы обновим кубернетес и графану.", ("Kubernetes", "Grafana"), "Завтра мы обновим Kubernetes и Grafana."),
        Sentence("Скорый поезд до станции Экибастуз отменили.", ("Экибастуз",)),
        Sentence("Письмо подписал Ксенофонт Шендерович.", ("Ксенофонт", "Шендерович")),
        Sentence("Айгуль открыла магазин на улице Жибек Жолы.", ("Айгуль", "Жибек Жолы")),
        Sentence("На складе в городе Сыктывкар кончилась бумага.", ("Сыктывкар",)),
        Sentence("Курьер Евпраксия приедет после обеда.", ("Евпраксия",)),
    ),
    "en": (
        Sentence("Aigul moved from Bishkek to Tselinograd last year.", ("Aigul", "Bishkek", "Tselinograd")),
        Sentence(
            "Restart P G bouncer before you upgrade Kubernetes.",
            ("pgBouncer", "Kubernetes"),
            "Restart pgBouncer before you upgrade Kubernetes.",
        ),
        Sentence("Ask Shivaun about the Grafana dashboard.", ("Siobhan", "Grafana"), "Ask Siobhan about the Grafana dashboard."),
        Sentence("The invoice from Kshishtof is due on Monday.", ("Krzysztof",), "The invoice from Krzysztof is due on Monday."),
        Sentence("We met Oksana at the station of Ekibastuz.", ("Oksana", "Ekibastuz")),
        Sentence("Engine X and Celery run on the same machine.", ("Nginx", "Celery"), "Nginx and Celery run on the same machine."),
        Sentence("Please send the letter to Mister Wojciechowski.", ("Wojciechowski",)),
        Sentence("Marina will speak about Rabbit M Q tomorrow.", ("Marina", "RabbitMQ"), "Marina will speak about RabbitMQ tomorrow."),
        Sentence("Doctor Eyjolfsson arrives from Reykjavik.", ("Eyjolfsson", "Reykjavik")),
        Sentence("Pisar writes down what Gulnara has said.", ("Pisar", "Gulnara")),
    ),
}


@dataclass(slots=True)
class Score:
    """What was heard of some recordings: names that are right, words that are wrong, and expected names that nobody said."""

    names: int = 0
    right: int = 0
    words: int = 0
    errors: int = 0
    invented: list[str] = field(default_factory=list)

    def add(self, said: str, heard: str, names: Sequence[str], expected: Sequence[str]) -> None:
        """Add a recording: what was said in it, with which of the expected names, and what was heard."""
        self.names += len(names)
        self.right += sum(_has(heard, name) for name in names)
        self.words += len(plain(said))
        self.errors += word_errors(plain(said), plain(heard))
        self.invented += [name for name in expected if name not in names and _has(heard, name)]


def _has(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def plain(text: str) -> list[str]:
    """Return the words of a text as they are compared: without case and punctuation, ё as е."""
    return re.sub(r"[^\w\s]", " ", text.casefold().replace("ё", "е")).split()


def spoken(language: str) -> list[tuple[bytes, Sentence]]:
    """Return the sentences of a language as recordings."""
    found = []
    for number, sentence in enumerate(SENTENCES[language]):
        path = WORK / f"{language}{number}.wav"
        if language == "ru":
            command = ["text2wave", "-eval", "(voice_msu_ru_nsh_clunits)", "-o", str(path)]
        else:
            command = ["espeak-ng", "-v", "en-us", "-s", "150", "-w", str(path)]
        subprocess.run(command, input=sentence.spoken.encode(), check=True)
        found.append((path.read_bytes(), sentence))
    return found


def peoples(language: str, count: int) -> list[tuple[bytes, str]]:
    """Return prompts that people spoke, with their texts: every n-th of those with four words or more and neither digits nor brackets."""
    listing = Path(f"/usr/share/doc/asterisk-core-sounds-{language}/core-sounds-{language}.txt.gz")
    folder = Path("/usr/share/asterisk/sounds") / PROMPTS[language]
    found = []
    for line in gzip.decompress(listing.read_bytes()).decode().splitlines():
        name, _, text = line.partition(": ")
        path = folder / f"{name}.g722"
        if not line.startswith(";") and len(text.split()) >= 4 and not re.search(r"[\d\[\]()<>{}]", text) and path.exists():  # noqa: PLR2004
            found.append((path, text.strip()))
    return [(_as_wave(path), text) for path, text in found[:: len(found) // count][:count]]


def _as_wave(path: Path) -> bytes:
    command = ["ffmpeg", "-v", "error", "-f", "g722", "-i", str(path), "-f", "wav", "pipe:1"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def sounds() -> Iterator[bytes]:
    """Yield sounds in which nobody speaks; the freedesktop theme's audio-channel-* do speak."""
    for folder in SOUNDS:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix in {".oga", ".wav"} and not path.name.startswith("audio-channel-"):
                yield path.read_bytes()


def measure(recognition: Recognition, language: str, form: str, *, prompts: int) -> str:
    """Return a row of the table."""
    names = list(dict.fromkeys(name for sentence in SENTENCES[language] for name in sentence.names))
    options = Options(language=language, prompt=FORMS[form](", ".join(names)))

    def text(audio: bytes | Heard) -> str:
        heard = recognition.listen(audio) if isinstance(audio, bytes) else audio
        return recognition.recognise(heard, options).text

    rare, human, false = Score(), Score(), 0
    for audio, sentence in tqdm(spoken(language), f"{language}, {form}", leave=False):
        rare.add(sentence.written or sentence.spoken, text(audio), sentence.names, names)
    row = f"| {language} | {form} | {rare.right} of {rare.names} | {_share(rare)} | {len(rare.invented)} |"
    if form not in IN_FULL:
        return f"{row} | | |"
    for audio, said in tqdm(peoples(language, prompts), f"{language}, people", leave=False):
        human.add(said, text(audio), (), names)
    for audio in tqdm(list(sounds()), f"{language}, sounds", leave=False):
        heard = recognition.listen(audio)
        false += bool(heard.pieces and text(heard))
    return f"{row} {_share(human)} | {len(human.invented)} | {false} |"


def _share(score: Score) -> str:
    return f"{score.errors / score.words:.1%}"


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--forms", nargs="+", default=list(FORMS), choices=FORMS)
    asked = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    recognition = Recognition(FfmpegDecoder(), SileroSpeechDetector(), WhisperCppEngine(asked.model, threads=asked.threads), LIMITS)
    print("| | words as | names right | word errors | names made up | people's word errors | names made up | text on sounds |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for form in asked.forms:
        for language in SENTENCES:
            print(measure(recognition, language, form, prompts=asked.prompts), flush=True)


if __name__ == "__main__":
    main()

"""The demonstration's sentences, spoken by Debian's voices: `python -m demo.speak` writes demo/sentences/*.ogg anew.

Russian is spoken by festival's voice_msu_ru_nsh_clunits (package festvox-ru), English by espeak-ng; ffmpeg makes of it what Telegram's
clients send: Opus in Ogg, 48 kHz, one channel, with a moment of silence before and behind.
"""

import subprocess
import tempfile
from pathlib import Path

SENTENCES = Path(__file__).parent / "sentences"
ENGLISH_WORDS_PER_MINUTE = 145
SILENCE_SECONDS = 0.4
BIT_RATE = "24k"


def speak(text: str, language: str, wav: Path) -> None:
    """Write a sentence's sound."""
    if language == "ru":
        command = ["text2wave", "-eval", "(voice_msu_ru_nsh_clunits)", "-o", str(wav)]
    else:
        command = ["espeak-ng", "-v", "en-us", "-s", str(ENGLISH_WORDS_PER_MINUTE), "-w", str(wav), "--stdin"]
    subprocess.run(command, input=text.encode(), check=True)


def as_voice_message(wav: Path, ogg: Path) -> None:
    """Write the sound as Telegram would have it."""
    silence = f"adelay={1000 * SILENCE_SECONDS:.0f}:all=1,apad=pad_dur={SILENCE_SECONDS}"
    opus = ["-ac", "1", "-ar", "48000", "-c:a", "libopus", "-b:a", BIT_RATE, "-application", "voip", "-fflags", "+bitexact"]
    command = ["ffmpeg", "-nostdin", "-y", "-loglevel", "error", "-i", str(wav), "-af", silence, *opus, "-flags:a", "+bitexact", str(ogg)]
    subprocess.run(command, check=True)


def main() -> None:
    """Speak every sentence of texts.tsv."""
    with tempfile.TemporaryDirectory() as folder:
        for row in (SENTENCES / "texts.tsv").read_text(encoding="utf-8").splitlines():
            name, text = row.split("\t")
            speak(text, name[:2], Path(folder) / "spoken.wav")
            as_voice_message(Path(folder) / "spoken.wav", SENTENCES / name)
            print(f"{name}: {text}")


if __name__ == "__main__":
    main()

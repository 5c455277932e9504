"""Sounds in which nobody speaks: those of two Debian packages, and what ffmpeg's generators make. Whatever text they are given is false."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hearing.corpora import WORK, convert
from pisar.domain.audio import SAMPLE_RATE_HZ

FOLDERS = (Path("/usr/share/sounds/freedesktop"), Path("/usr/share/sounds/sound-icons"))
SPEAKS = "audio-channel-"
"""The freedesktop theme's sounds of this name say which loudspeaker they are for."""

SECONDS = (2, 5)
_COLOURS = ("white", "pink", "brown", "blue", "violet", "velvet")
_TONES = (50, 100, 220, 440, 1000, 3000)
_A, _C, _E, _G = 220.0, 261.63, 329.63, 392.0


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound: its name, and a WAV file of it (16 kHz, mono, 16 bits)."""

    name: str
    path: Path


def generators() -> dict[str, str]:
    """Return ffmpeg's descriptions of the sounds that it makes, by name; each is some seconds long."""
    made = {}
    for seconds in SECONDS:
        for colour in _COLOURS:
            made[f"{colour} noise, {seconds} s"] = f"anoisesrc=color={colour}:amplitude=0.3:seed=1:duration={seconds}"
        for hertz in _TONES:
            made[f"tone of {hertz} Hz, {seconds} s"] = f"sine=frequency={hertz}:duration={seconds}"
        for name, formula in _formulas().items():
            made[f"{name}, {seconds} s"] = f"aevalsrc='{formula}':s={SAMPLE_RATE_HZ}:d={seconds}"
        for level in ("0.3", "0.02", "0.001"):
            filters = "highpass=f=80,lowpass=f=900,tremolo=f=4:d=0.8"  # rises and falls as syllables do
            made[f"rumble at {level}, {seconds} s"] = f"anoisesrc=color=pink:amplitude={level}:seed=2:duration={seconds},{filters}"
        made[f"silence, {seconds} s"] = f"anullsrc=r={SAMPLE_RATE_HZ}:cl=mono,atrim=duration={seconds}"
    return made


def _formulas() -> dict[str, str]:
    """Return what ffmpeg's aevalsrc computes, of the second t."""

    def chord(*hertz: float) -> str:
        return "+".join(f"sin(2*PI*{one}*t)+0.5*sin(4*PI*{one}*t)+0.25*sin(6*PI*{one}*t)" for one in hertz)

    fading = "exp(-4*mod(t,0.5))"
    return {
        "sweep upwards": "0.4*sin(2*PI*(100*t+400*t*t))",
        "sweep downwards": "0.4*sin(2*PI*(3000*t-200*t*t))",
        "clicks": "0.8*lt(mod(t,0.5),0.002)",
        "knocks": "0.8*exp(-60*mod(t,0.4))*sin(2*PI*90*t)",
        "steps": "0.5*exp(-40*mod(t,0.6))*(random(0)-0.5)",
        "hum of 50 Hz": "0.3*(sin(100*PI*t)+0.4*sin(200*PI*t)+0.3*sin(300*PI*t))",
        "piano, A minor": f"0.12*{fading}*({chord(_A, _C, _E)})",
        "piano, C": f"0.12*{fading}*({chord(_C, _E, _G)})",
        "organ": f"0.1*({chord(_A / 2, _A, _E)})",
        "siren": "0.4*sin(2*PI*(700*t)+200*sin(2*PI*0.5*t))",
        "dialling": "0.3*(sin(2*PI*697*t)+sin(2*PI*1209*t))*lt(mod(t,0.3),0.15)",
        "engaged": "0.4*sin(2*PI*425*t)*lt(mod(t,0.8),0.4)",
        "birds": "0.3*sin(2*PI*(2500+800*sin(2*PI*7*t))*t/4)*lt(mod(t,0.7),0.25)",
        "bell": "0.4*exp(-2*mod(t,2))*(sin(2*PI*523*t)+0.6*sin(2*PI*1318*t)+0.4*sin(2*PI*2093*t))",
        "wind": "0.6*(0.5+0.5*sin(2*PI*0.3*t))*(random(1)-0.5)",
    }


def sounds(names: Collection[str] | None = None) -> tuple[Sound, ...]:
    """Return all of them, or those of `names`, made or turned into WAV files if they are not yet."""
    files = sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in {".oga", ".wav"} and not path.is_symlink())
    asked: dict[str, tuple[str, ...]] = {
        f"{path.parts[4]}/{path.stem}": ("-i", str(path)) for path in files if not path.name.startswith(SPEAKS)
    }
    asked |= {name: ("-f", "lavfi", "-i", made) for name, made in generators().items()}
    found = tuple(Sound(name, _target(name)) for name in asked if names is None or name in names)
    convert([(asked[one.name], one.path) for one in found if not one.path.exists()])
    return found


def _target(name: str) -> Path:
    return WORK / "sounds" / f"{name.replace('/', '-').replace(' ', '-').replace(',', '')}.wav"

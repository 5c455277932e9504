"""Files that ffmpeg makes here, and both ffmpegs that people have: the system's and imageio's wheel."""

import shutil
import subprocess

import imageio_ffmpeg
import pytest

from pisar.adapters.decoder import FfmpegDecoder

FFMPEG = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()


@pytest.fixture(params=["the system's", "imageio's"])
def ffmpeg(request):
    return FFMPEG if request.param == "the system's" else imageio_ffmpeg.get_ffmpeg_exe()


@pytest.fixture
def decoder(ffmpeg):
    return FfmpegDecoder(ffmpeg)


@pytest.fixture
def make(tmp_path):
    def make(name: str, *options: str) -> bytes:
        path = tmp_path / name
        subprocess.run([FFMPEG, "-v", "error", "-y", *options, str(path)], check=True)
        return path.read_bytes()

    return make


@pytest.fixture
def script(tmp_path):
    """Return what makes an ffmpeg out of lines of shell, in which "$0" is the script and ffmpeg stands for the real one."""

    def script(text: str) -> str:
        path = tmp_path / "ffmpeg"
        path.write_text(f"#!/bin/sh\n{text.replace('FFMPEG', FFMPEG)}\n")
        path.chmod(0o755)
        return str(path)

    return script

"""Sound as the model sees it: whisper.cpp's log-mel spectrogram."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from demo.recipe.tokens import MELS

_FFT_SAMPLES, _HOP_SAMPLES, _NYQUIST_HZ = 400, 160, 8000


def _hz_to_mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(hertz < 1000, 3 * hertz / 200, 15 + np.log(np.maximum(hertz, 1e-9) / 1000) / (np.log(6.4) / 27))  # noqa: PLR2004 - Slaney's scale


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, 200 * mel / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))  # noqa: PLR2004 - Slaney's scale


def mel_filters() -> NDArray[np.float32]:
    """Return Slaney's mel filter bank [80, 201] for 16 kHz and a 400-point FFT, as Whisper uses (area-normalised triangles)."""
    edges = _mel_to_hz(np.linspace(0, _hz_to_mel(np.array(float(_NYQUIST_HZ))), MELS + 2))
    bins = np.linspace(0, _NYQUIST_HZ, _FFT_SAMPLES // 2 + 1)
    rising = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    return (np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


_WINDOW = torch.hann_window(_FFT_SAMPLES)
_FILTERS = torch.from_numpy(mel_filters())


def log_mel(pcm: torch.Tensor, frames: int) -> torch.Tensor:
    """Return the spectrogram [80, frames] of one clip, cut or padded with silence to `frames` of 10 ms."""
    pcm = functional.pad(pcm, (0, max(0, frames * _HOP_SAMPLES - len(pcm))))[: frames * _HOP_SAMPLES]
    framed = functional.pad(pcm[None], (_FFT_SAMPLES // 2, _FFT_SAMPLES // 2), mode="reflect")[0]
    power = torch.stft(framed, _FFT_SAMPLES, _HOP_SAMPLES, window=_WINDOW, center=False, return_complex=True)[:, :frames].abs() ** 2
    mel = (_FILTERS @ power).clamp(min=1e-10).log10()
    return (torch.maximum(mel, mel.max() - 8) + 4) / 4

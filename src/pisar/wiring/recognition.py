"""Recognition, put together for the container and for the command line, which has neither storage nor Telegram."""

from pisar.adapters.allocator import give_back_large_blocks
from pisar.adapters.decoder import FfmpegDecoder
from pisar.adapters.model_files import locate_model
from pisar.adapters.speech_detector import SileroSpeechDetector
from pisar.adapters.whisper_cpp import WhisperCppEngine
from pisar.domain.audio import AudioLimits
from pisar.speech.recognition import Recognition
from pisar.wiring import settings


def recognition(limits: settings.Limits, recognising: settings.Recognising) -> Recognition:
    """Return recognition with its model loaded, downloaded first if need be; raise Misconfigured."""
    give_back_large_blocks()
    model = locate_model(recognising.model, cache=recognising.model_cache, base_url=recognising.model_url, progress=True)
    engine = WhisperCppEngine(model, threads=recognising.threads or None, beams=recognising.beams, fallbacks=recognising.fallbacks)
    return Recognition(FfmpegDecoder(), SileroSpeechDetector(), engine, decoder_limits(limits), piece_seconds=recognising.piece_seconds)


def decoder_limits(limits: settings.Limits) -> AudioLimits:
    """Return the limits of an audio through whichever door lets the largest in: each door has kept to its own."""
    return AudioLimits(max_bytes=max(limits.max_audio_mb, limits.max_upload_mb) * 2**20, max_seconds=limits.max_audio_minutes * 60)

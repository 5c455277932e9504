"""The codecs that ffmpeg may open for a stranger's file, by the names of its decoders.

They are of sound alone. ffmpeg opens the decoders of *all* streams to learn what a file holds, -vn or not: four covers of 8000 × 8000 in an
MP3 made it take 2 GB. And they are those that the containers on `FORMATS` hold in the wild: each further decoder is code that a stranger
can reach, and the rest of ffmpeg's 230 are those of games' own files, of test signals and of experiments.
"""

_SPEECH = (
    "opus libopus speex libspeex amrnb amrwb libopencore_amrnb libopencore_amrwb gsm gsm_ms libgsm libgsm_ms g722 g723_1 g726 g726le g729 "
    "ilbc evrc qcelp truespeech nellymoser msnsiren siren sipr wmavoice"
)
"""Voice messages, telephones (AMR and EVRC in 3GP, QCELP in old MOV), dictaphones, meetings (Siren, Speex in FLV), telephone
systems (GSM in WAV)."""

_MUSIC = (
    "aac aac_fixed aac_latm libfdk_aac mp1 mp1float mp2 mp2float mp3 mp3float mp3adu mp3adufloat mp3on4 mp3on4float vorbis libvorbis "
    "ac3 ac3_fixed eac3 dca truehd mlp als s302m wmav1 wmav2 wmapro wmalossless "
    "cook real_144 real_288 ralf atrac3 atrac3plus qdm2 qdmc mace3 mace6"
)
"""Films, broadcasts (AC-3, LATM and S302M in transport streams), discs (DTS, TrueHD), Windows Media, Real, old QuickTime, MiniDiscs."""

_LOSSLESS = "flac alac ape wavpack tta"
"""Archives and recorders."""

_ADPCM = "adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_swf adpcm_yamaha"
"""Dictaphones and answering machines, old films."""

_PCM = (
    "pcm_alaw pcm_mulaw pcm_bluray pcm_dvd pcm_f16le pcm_f24le pcm_f32be pcm_f32le pcm_f64be pcm_f64le pcm_s8 pcm_s16be pcm_s16le "
    "pcm_s24be pcm_s24le pcm_s32be pcm_s32le pcm_s64be pcm_s64le pcm_u8 pcm_u16be pcm_u16le pcm_u24be pcm_u24le pcm_u32be pcm_u32le "
    "pcm_s16le_planar pcm_s24le_planar pcm_s32le_planar pcm_s16be_planar pcm_s8_planar dvaudio"
)
"""Samples as they are; `dvaudio` is that of camcorders."""

CODECS = ",".join(f"{_SPEECH} {_MUSIC} {_LOSSLESS} {_ADPCM} {_PCM}".split())
"""As ffmpeg's option codec_whitelist takes it. A name that a build does not have does no harm."""

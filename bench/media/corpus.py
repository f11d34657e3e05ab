"""Small media files of every container and codec that Reelgate takes, made by the `ffmpeg` command, and ways to damage them.

The same name gives the same damage every time; files themselves are as the installed FFmpeg makes them.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SECONDS = 4
_PICTURES = ("-f", "lavfi", "-i", f"testsrc2=size=176x144:rate=25:duration={SECONDS}")
_TONE = ("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=44100:duration={SECONDS}")
_SMALL = ("-b:v", "200k", "-pix_fmt", "yuv420p")
_H264 = ("libx264", "-preset", "ultrafast", "-g", "25", *_SMALL)
_H265 = ("libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-g", "25", *_SMALL)
_VP9 = ("libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25", *_SMALL)
_VP8 = ("libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25", *_SMALL)
_AV1 = ("libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-g", "25", *_SMALL)
_MPEG = ("-g", "12", *_SMALL)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what it is called, its name's ending, and the two encoders (None: no such track) with their options."""

    container: str
    ending: str
    picture: tuple[str, ...] | None
    sound: tuple[str, ...] | None
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the kind is called in reports: `mp4 libx264 aac`."""
        parts = (self.container, *(codec[0] for codec in (self.picture, self.sound) if codec))
        return " ".join((*parts, *(option for option in self.options if not option.startswith("-"))))


def _kinds(container: str, ending: str, *pairs: tuple[tuple[str, ...] | None, tuple[str, ...] | None]) -> list[Kind]:
    return [Kind(container, ending, picture, sound) for picture, sound in pairs]


_AAC, _MP3, _MP2, _OPUS, _VORBIS = ("aac",), ("libmp3lame",), ("mp2",), ("libopus", "-ar", "48000"), ("libvorbis",)
_FLAC, _AC3, _PCM = ("flac", "-strict", "-2"), ("ac3",), ("pcm_s16le",)
_PCM_48 = ("pcm_s16le", "-ar", "48000")

KINDS: tuple[Kind, ...] = (
    *_kinds("mp4", "mp4", (_H264, _AAC), (_H265, _AAC), (_AV1, _OPUS), (_VP9, _FLAC), (("mpeg4", *_MPEG), _MP3)),
    *_kinds("mp4", "mp4", (_H264, None), (_H264, _AC3), (_H264, ("eac3",)), (("mpeg2video", *_MPEG), _MP2)),
    *_kinds("mp4", "m4a", (None, _AAC), (None, ("alac",))),
    Kind("mp4", "mp4", _H264, _AAC, ("-movflags", "+faststart")),
    Kind("mp4", "mp4", _H264, _AAC, ("-movflags", "frag_keyframe+empty_moov")),
    *_kinds("3gp", "3gp", (("mpeg4", *_MPEG), _AAC), (("h263", "-r", "25", *_MPEG), _AAC)),
    *_kinds("mov", "mov", (_H264, _AAC), (_H265, _PCM), (("prores_ks", "-pix_fmt", "yuv422p10le"), ("pcm_s24le",))),
    *_kinds(
        "mov",
        "mov",
        (("mjpeg", "-pix_fmt", "yuvj420p"), ("pcm_s16be",)),
        (("dnxhd", "-profile:v", "dnxhr_lb", "-s", "256x144"), _PCM),
    ),
    *_kinds("mov", "mov", (("qtrle",), ("adpcm_ima_qt",)), (("png",), ("alac",)), (("svq1", *_SMALL), ("pcm_mulaw",))),
    *_kinds("matroska", "mkv", (_H264, _AAC), (_H265, _OPUS), (_VP9, _VORBIS), (("ffv1",), _FLAC), (_AV1, _OPUS)),
    *_kinds("matroska", "mkv", (_H264, _AC3), (_H264, ("eac3",)), (_H264, ("dca", "-strict", "-2")), (("mpeg4", *_MPEG), _MP3)),
    *_kinds(
        "matroska", "mkv", (("libtheora", *_SMALL), ("truehd", "-strict", "-2")), (("mjpeg", "-pix_fmt", "yuvj420p"), _PCM)
    ),
    *_kinds("matroska", "mkv", (("mpeg2video", *_MPEG), _MP2), (("huffyuv",), ("tta",)), (_H264, ("wavpack",)), (_H264, None)),
    *_kinds("matroska", "mka", (None, _OPUS), (None, ("alac",))),
    *_kinds("webm", "webm", (_VP8, _VORBIS), (_VP8, _OPUS), (_VP9, _OPUS), (_AV1, _OPUS)),
    Kind("webm", "webm", _VP8, _OPUS, ("-live", "1")),  # without lengths or an index, as MediaRecorder writes
    Kind("webm", "weba", None, _OPUS, ("-f", "webm")),
    *_kinds("avi", "avi", (("mpeg4", *_MPEG), _MP3), (("msmpeg4v2", *_MPEG), _PCM), (("msmpeg4", *_MPEG), _MP2), (_H264, _AC3)),
    *_kinds("avi", "avi", (("mjpeg", "-pix_fmt", "yuvj420p"), ("adpcm_ms",)), (("rawvideo", "-pix_fmt", "yuv420p"), _PCM)),
    *_kinds("avi", "avi", (("huffyuv",), ("adpcm_ima_wav",)), (("cinepak",), ("pcm_u8",)), (("msvideo1",), ("pcm_alaw",))),
    *_kinds("avi", "avi", (("ffv1",), _AAC), (("wmv2", *_MPEG), ("wmav2",)), (("zmbv",), _PCM), (("utvideo",), _PCM)),
    *_kinds("mpegts", "ts", (_H264, _AAC), (_H265, _AC3), (("mpeg2video", *_MPEG), _MP2), (_H264, _OPUS), (_H264, _MP3)),
    *_kinds("mpegts", "ts", (_H264, ("eac3",)), (_H264, ("dca", "-strict", "-2")), (None, _AAC), (_H264, ("aac", "-ac", "1"))),
    *_kinds("m2ts", "m2ts", (_H264, _AC3), (("mpeg2video", *_MPEG), ("pcm_bluray", "-ar", "48000"))),
    *_kinds("mpeg", "mpg", (("mpeg1video", *_MPEG), _MP2), (("mpeg2video", *_MPEG), _AC3)),
    *_kinds("mpeg", "vob", (("mpeg2video", *_MPEG), _AC3), (("mpeg2video", *_MPEG), _MP2)),
    *_kinds("flv", "flv", (("flv", *_MPEG), _MP3), (_H264, _AAC), (("flashsv",), _PCM), (("flv", *_MPEG), ("adpcm_swf",))),
    *_kinds(
        "flv", "flv", (_H264, ("nellymoser", "-ar", "44100", "-ac", "1")), (_H264, ("libspeex", "-ar", "16000", "-ac", "1"))
    ),
    *_kinds("ogg", "ogv", (("libtheora", *_SMALL), _VORBIS), (_VP8, _OPUS)),
    *_kinds("ogg", "ogg", (None, _VORBIS), (None, _OPUS), (None, _FLAC), (None, ("libspeex", "-ar", "16000", "-ac", "1"))),
    *_kinds("asf", "wmv", (("wmv1", *_MPEG), ("wmav1",)), (("wmv2", *_MPEG), ("wmav2",)), (("msmpeg4", *_MPEG), _MP3)),
    *_kinds("asf", "wma", (None, ("wmav2",))),
    *_kinds("mp3", "mp3", (None, _MP3), (None, ("libmp3lame", "-q:a", "4", "-write_xing", "0"))),
    *_kinds("aac", "aac", (None, _AAC)),
    *_kinds("flac", "flac", (None, _FLAC)),
    *_kinds(
        "wav", "wav", (None, _PCM), (None, ("pcm_u8",)), (None, ("pcm_s24le",)), (None, ("pcm_f32le",)), (None, ("pcm_alaw",))
    ),
    *_kinds(
        "wav", "wav", (None, ("adpcm_ms",)), (None, ("libgsm_ms", "-ar", "8000", "-ac", "1")), (None, ("pcm_s16le", "-ac", "6"))
    ),
    *_kinds("aiff", "aiff", (None, ("pcm_s16be",)), (None, ("pcm_mulaw",))),
    *_kinds("mpegvideo", "m1v", (("mpeg1video", *_MPEG), None)),
    *_kinds("mpegvideo", "mpg", (("mpeg2video", *_MPEG, "-f", "mpeg2video"), None)),
    Kind("m4v", "m4v", ("mpeg4", *_MPEG), None, ("-f", "m4v")),
    *_kinds("h264", "h264", (_H264, None)),
    *_kinds("hevc", "hevc", (_H265, None)),
    *_kinds("ivf", "ivf", (_VP8, None), (_VP9, None), (_AV1, None)),
    *_kinds("yuv4mpegpipe", "y4m", (("wrapped_avframe", "-pix_fmt", "yuv420p"), None)),
    *_kinds("dv", "dv", (("dvvideo", "-s", "720x576", "-pix_fmt", "yuv420p"), _PCM_48)),
    *_kinds("mxf", "mxf", (("mpeg2video", *_MPEG), _PCM_48), (_H264, ("pcm_s24le", "-ar", "48000"))),
    *_kinds("mxf", "mxf", (("dnxhd", "-profile:v", "dnxhr_lb", "-s", "256x144"), _PCM_48)),
    *_kinds("gxf", "gxf", (("mpeg2video", "-s", "720x576", *_MPEG), (*_PCM_48, "-ac", "1"))),
    *_kinds("rm", "rm", (("rv10", *_MPEG), _AC3), (("rv20", *_MPEG), _AC3)),
    *_kinds("nut", "nut", (("mpeg4", *_MPEG), _MP3), (_H264, _AAC), (("ffv1",), _FLAC)),
    *_kinds("wtv", "wtv", (("mpeg2video", *_MPEG), _MP2), (_H264, _AC3)),
    Kind("avi", "amv", ("amv", "-pix_fmt", "yuvj420p"), ("adpcm_ima_amv", "-ar", "22050", "-ac", "1"), ("-block_size", "882")),
    *_kinds("caf", "caf", (None, ("alac",)), (None, ("pcm_s16be",)), (None, ("pcm_mulaw",)), (None, ("adpcm_ima_qt",))),
    *_kinds("au", "au", (None, ("pcm_s16be",)), (None, ("pcm_mulaw",)), (None, ("pcm_f32be",))),
    *_kinds("w64", "w64", (None, _PCM), (None, ("pcm_s24le",))),
    Kind("wav", "wav", None, _PCM, ("-rf64", "always")),
    *_kinds("ac3", "ac3", (None, _AC3)),
    *_kinds("eac3", "eac3", (None, ("eac3",))),
    *_kinds("dts", "dts", (None, ("dca", "-strict", "-2"))),
    *_kinds("truehd", "thd", (None, ("truehd", "-strict", "-2"))),
    *_kinds("mlp", "mlp", (None, ("mlp", "-strict", "-2"))),
    Kind("loas", "latm", None, _AAC, ("-f", "latm")),
    *_kinds("wv", "wv", (None, ("wavpack",))),
    *_kinds("tta", "tta", (None, ("tta",))),
    *_kinds("voc", "voc", (None, ("pcm_u8",)), (None, _PCM)),
    *_kinds("adx", "adx", (None, ("adpcm_adx",))),
    Kind("amr", "amr", None, ("amrnb",)),
    Kind("amr", "amr", None, ("amrwb",)),
)
"""Every container of docs/media.md, and the codecs that are found in each."""

_BY_HAND = {
    # RFC 4867, 5: a header, then frames of 20 ms, each with one byte that says its mode (7 and 8 are the best of each).
    "amrnb": (b"#!AMR\n", 0x3C, 31),
    "amrwb": (b"#!AMR-WB\n", 0x44, 60),
}


def make(kind: Kind, folder: Path, number: int) -> Path:
    """Write a whole file of a kind and return its path. Raises RuntimeError when the installed ffmpeg cannot make it."""
    path = folder / f"{number:03}.{kind.ending}"
    if kind.sound and kind.sound[0] in _BY_HAND:
        path.write_bytes(_amr(*_BY_HAND[kind.sound[0]]))
        return path
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    for source, codec in ((_PICTURES, kind.picture), (_TONE, kind.sound)):
        command += source if codec else ()
    if kind.picture:
        command += ["-c:v", *kind.picture]
    if kind.sound:
        command += ["-c:a", kind.sound[0], *(() if "-ac" in kind.sound else ("-ac", "2")), *kind.sound[1:]]
    if kind.container == "matroska":  # by its own name, so that the muxer does not take offence at the codecs of WebM
        command += ["-f", "matroska"]
    done = subprocess.run([*command, *kind.options, str(path)], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise RuntimeError(f"ffmpeg cannot make {kind.name}: {done.stderr.strip()}")
    return path


def _amr(header: bytes, mode: int, bytes_of_speech: int) -> bytes:
    """Frames of random speech: Debian's FFmpeg reads AMR and does not write it, and any bits can be decoded."""
    rng = random.Random(1)
    return header + b"".join(bytes([mode]) + rng.randbytes(bytes_of_speech) for _ in range(SECONDS * 50))


def _flip(data: bytearray, rng: random.Random, per_million: int) -> bytearray:
    for _ in range(max(1, len(data) * per_million // 1_000_000)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _cut(data: bytearray, rng: random.Random) -> bytearray:
    return data[: int(len(data) * rng.uniform(0.3, 0.95))]


def _piece(data: bytearray, rng: random.Random) -> slice:
    length = max(1, int(len(data) * rng.uniform(0.005, 0.1)))
    start = rng.randrange(len(data) - length)
    return slice(start, start + length)


def _hole(data: bytearray, rng: random.Random) -> bytearray:
    where = _piece(data, rng)
    data[where] = bytes(where.stop - where.start)
    return data


def _noise(data: bytearray, rng: random.Random) -> bytearray:
    where = _piece(data, rng)
    data[where] = rng.randbytes(where.stop - where.start)
    return data


def _lost(data: bytearray, rng: random.Random) -> bytearray:
    del data[_piece(data, rng)]
    return data


DAMAGES: dict[str, Callable[[bytearray, random.Random], bytearray]] = {
    "flips": lambda data, rng: _flip(data, rng, 50),
    "cut": _cut,
    "hole": _hole,
    "many flips": lambda data, rng: _flip(data, rng, 1000),
    "lost": _lost,
    "noise": _noise,
}
"""Single bits of 50 or 1,000 bytes in a million; a missing end; a piece of up to a tenth that is zeros, gone, or noise."""


def damaged(whole: bytes, kind: Kind, damage: str, number: int) -> bytes:
    """Return a damaged copy, the same for the same words."""
    rng = random.Random(f"{kind.name}/{damage}/{number}")
    return bytes(DAMAGES[damage](bytearray(whole), rng))

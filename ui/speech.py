"""SpeechPort: what the 语音 button switches. Engines are plugged in by the composition root; the silent one keeps a transcript."""

from __future__ import annotations

from typing import Protocol


class SpeechPort(Protocol):
    """Speaks one sentence at a time; a new one interrupts the last. Never blocks."""

    def say(self, text: str) -> None: ...

    def stop(self) -> None: ...


class SilentSpeech:
    """Says nothing and remembers the sentences of the running session, for tests and the technician. Forgets at `stop`."""

    def __init__(self) -> None:
        self.transcript: list[str] = []

    def say(self, text: str) -> None:
        self.transcript.append(text)

    def stop(self) -> None:
        self.transcript.clear()

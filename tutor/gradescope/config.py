"""What an autograder archive is told: which exam, whose paper is whose, what students see."""

from __future__ import annotations

import json
import secrets
from base64 import b32encode
from hashlib import blake2b
from typing import NamedTuple
from unicodedata import normalize

from engine.draws import MAX_SEED

FILE = "config.json"
VERSION = 1
SECRET_BYTES = 16


class BadConfig(Exception):
    """The archive's configuration can't be used; the text says why, for the instructor."""


class Config(NamedTuple):
    """``seed``: one paper for all; without it, each student's own is derived with ``secret``.

    ``secret`` is hexadecimal. ``feedback`` and ``visibility`` are those of
    ``tutor.gradescope.results``. ``trust_code``: run code even where nothing confines it.
    """

    exam: str
    secret: str
    seed: int | None = None
    feedback: str = "verdict"
    visibility: str = "after_due_date"
    trust_code: bool = False

    def seed_of(self, email: str) -> int:
        """The seed that a student's exam is drawn with.

        BLAKE2b of the exam and the address, keyed with the secret: who knows some students'
        seeds knows nothing of the others'.
        """
        if self.seed is not None:
            return self.seed
        digest = self._keyed(b"exam-tutor seed", f"{self.exam}\0{address(email)}", 8)
        return int.from_bytes(digest, "big") & MAX_SEED

    def paper_id(self, content: str) -> str:
        """A name for a paper, ``K7QF-2M9P``, that tells nothing of what is in it."""
        name = b32encode(self._keyed(b"exam-tutor page", content, 5)).decode()
        return f"{name[:4]}-{name[4:]}"

    def _keyed(self, purpose: bytes, content: str, size: int) -> bytes:
        key = bytes.fromhex(self.secret)
        return blake2b(content.encode(), key=key, person=purpose, digest_size=size).digest()


def address(email: str) -> str:
    """An e-mail address in the one form that counts: case and outer spaces don't."""
    return normalize("NFC", email.strip()).casefold()


def new_secret() -> str:
    """A secret nobody chose."""
    return secrets.token_hex(SECRET_BYTES)


def is_secret(text: str) -> bool:
    """Whether a text may be one: 32 hexadecimal digits at least, and no more than BLAKE2b takes."""
    try:
        return SECRET_BYTES <= len(bytes.fromhex(text)) <= blake2b.MAX_KEY_SIZE
    except ValueError:
        return False


def written(config: Config) -> str:
    """The configuration as the archive holds it."""
    return json.dumps({"version": VERSION, **config._asdict()}, indent=2) + "\n"


def read(text: str) -> Config:
    """The configuration from the archive's file. Raises BadConfig."""
    try:
        found = json.loads(text)
        version = found.pop("version")
        config = Config(**found)
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise BadConfig(f"{FILE} can't be read: {error}") from None
    if version != VERSION:
        raise BadConfig(f"{FILE} is of version {version}; this program knows {VERSION}")
    if not is_secret(str(config.secret)):
        raise BadConfig(f"{FILE}: the secret is not one")
    return config

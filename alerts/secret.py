"""Secrets: read from their file when they are needed, and kept out of every sentence."""

import base64
from pathlib import Path

from pydantic import SecretStr

LONGEST_SECRET_BYTES = 16_384


class SecretError(Exception):
    """A secret is missing: the message names its file and the remedy, never what is in it."""


def read_secret(inline: SecretStr | None, file: Path | None) -> str:
    """The secret as it is now: from the settings, or from its file, without the white space around it."""
    if inline is not None:
        return inline.get_secret_value().strip()
    if file is None:
        return ""
    try:
        with file.open("rb") as stream:
            text = stream.read(LONGEST_SECRET_BYTES).decode("utf-8").strip()
    except OSError as error:
        raise SecretError(
            f"cannot read {file}: {error.strerror}; create it, readable by Marsad only"
        ) from error
    except UnicodeDecodeError as error:
        raise SecretError(f"{file} is not text; put the secret in it on one line") from error
    if not text:
        raise SecretError(f"{file} is empty; put the secret in it on one line")
    return text


def hide(text: str, *secrets: str) -> str:
    """The text without the secrets, plain or in base64, in case the other side repeats them."""
    for secret in filter(None, secrets):
        coded = base64.b64encode(secret.encode()).decode()
        text = text.replace(secret, "***").replace(coded, "***")
    return text

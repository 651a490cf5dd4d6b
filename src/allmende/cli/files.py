"""Files that people name on the command line to be written."""

from pathlib import Path

from allmende.errors import SettingsError


def write_file(path: Path, content: bytes) -> None:
    """Write `content` to the file; SettingsError when this is not possible there."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror}.", hint="Name another file, or change who may write there."
        ) from error

"""What is remembered of a cloud that was broken: every state that a step changes, from before the cloud was touched.

States may hold secrets (configuration), so the file has mode 0600. It is replaced as a whole, and gone when all is
mended.
"""

import json
from pathlib import Path

from allmende.errors import ReferenceCloudError
from allmende.refcloud.apply.record import write_private
from allmende.refcloud.model.defects import Damage


class DamageMemory:
    """The file in which the damage of one cloud is remembered."""

    def __init__(self, root: Path) -> None:
        self._path = root / "defects.json"

    def damages(self) -> tuple[Damage, ...]:
        """Return the damage that was done, or was about to be, in the order in which it was."""
        try:
            rows = json.loads(self._path.read_text("utf-8"))
            return tuple(Damage(defect=row["defect"], former=tuple(row["former"])) for row in rows)
        except FileNotFoundError:
            return ()
        except (ValueError, KeyError, TypeError):
            raise ReferenceCloudError(
                f"{self._path} is damaged: how the cloud was before it was broken is lost.",
                hint="allmende cloud destroy removes the cloud; a new one can be made then.",
            ) from None

    def remember(self, damages: tuple[Damage, ...]) -> None:
        """Keep exactly these."""
        if damages:
            rows = [{"defect": damage.defect, "former": list(damage.former)} for damage in damages]
            write_private(self._path, json.dumps(rows, indent=1))
        else:
            self._path.unlink(missing_ok=True)

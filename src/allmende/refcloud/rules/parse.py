"""From the documents of a blueprint to its values, with every mistake named. Reading the files is left to `apply`."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from allmende.errors import DocumentError
from allmende.refcloud.model.blueprint import Blueprint

_NOT_SERVICES = frozenset({"fragments", "profiles"})


def parse_blueprint(documents: Mapping[str, Any]) -> Blueprint:
    """Return the blueprint of `documents`: `fragments`, `profiles`, and one document per service, by file name.

    Raises DocumentError that names document, place and mistake.
    """
    names = [name for name in sorted(documents) if name not in _NOT_SERVICES]
    try:
        return Blueprint.model_validate(
            {
                "services": tuple(documents[name] for name in names),
                "fragments": documents["fragments"],
                "profiles": documents["profiles"],
            }
        )
    except KeyError as error:
        raise DocumentError(f"The blueprint has no document {error}.") from None
    except ValidationError as error:
        raise DocumentError(f"The blueprint is wrong: {_first_mistake(error, names)}") from None


def _first_mistake(error: ValidationError, names: list[str]) -> str:
    mistake = error.errors()[0]
    where = [str(part) for part in mistake["loc"]]
    if len(where) > 1 and where[0] == "services":
        where = [f"{names[int(where[1])]}.yaml", *where[2:]]
    return f"{' → '.join(where)}: {mistake['msg']}"

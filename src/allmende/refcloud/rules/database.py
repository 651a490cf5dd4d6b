"""What the database server executes at each start: databases, and one user per service who sees only its own."""

from collections.abc import Iterable, Mapping

from allmende.refcloud.model.blueprint import Service


def initial_sql(services: Iterable[Service], secrets: Mapping[str, str]) -> str:
    """Return statements, one per line, that may be executed again and again; they hold passwords."""
    lines = []
    for service in services:
        if not service.databases:
            continue
        user = f"'{service.name}'@'localhost'"
        password = secrets[f"database-{service.name}"]
        lines.append(f"CREATE USER IF NOT EXISTS {user};")
        lines.append(f"ALTER USER {user} IDENTIFIED BY '{password}';")
        for database in service.databases:
            lines.append(f"CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb3;")
            lines.append(f"GRANT ALL ON `{database}`.* TO {user};")
    return "\n".join(lines) + "\n"

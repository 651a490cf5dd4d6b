"""How an API is served: gunicorn, one process with threads, on loopback."""

from allmende.refcloud.model.blueprint import Unit


def gunicorn_config(unit: Unit, port: int) -> str:
    """Return gunicorn's configuration file for a unit with `wsgi`."""
    application = (unit.wsgi or "").replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        [
            f'wsgi_app = "{application}"',
            f'bind = "127.0.0.1:{port}"',
            'worker_class = "gthread"',
            "workers = 1",
            f"threads = {unit.threads}",
            "timeout = 300",
            "graceful_timeout = 2",
            'worker_tmp_dir = "/dev/shm"',
            "control_socket_disable = True",
            "",
        ]
    )

"""A thousand submissions that mean ill: none is stored, none breaks anything, each is told what is wrong with it."""

import hashlib
import random
from base64 import encodebytes
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import yaml

from allmende.outcome import Outcome
from allmende.registry.model.record import Subject
from allmende.registry.run import log
from allmende.registry.run.registry import Registry
from allmende.report.formats import Form, write
from allmende.report.keys import PrivateKey, ed25519_key, string
from allmende.report.sign import joined, signed, split
from allmende.testing.registry import Operator, made_report, registered

ATTEMPTS = 1000
REFUSED = range(400, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What an attacker has: an account of their own, the victim's name, a report that was accepted, and time."""

    registry: Registry
    own: Operator
    stranger: PrivateKey
    accepted: bytes
    now: datetime

    def signed(self, content: bytes, key: PrivateKey | None = None) -> bytes:
        return joined(signed(content, key or self.own.key), content)

    def report(self, subject: str = "cloud", at: datetime | None = None, version: str = "v5.1") -> bytes:
        made = made_report(self.registry.standards, subject, at or self.now, version=version)
        return write(Form.UPSTREAM_YAML, [made])


Body = tuple[str, bytes]
Attack = Callable[[Scene, random.Random], Body]
YAML, OWN = str(Form.UPSTREAM_YAML), str(Form.OWN)


def unsigned(scene: Scene, chance: random.Random) -> Body:
    return YAML, chance.choice([b"", b"&", b"&&"]) + scene.report()


def strangers(scene: Scene, chance: random.Random) -> Body:
    return YAML, scene.signed(scene.report(), scene.stranger)


def flipped(scene: Scene, chance: random.Random) -> Body:
    """Change one bit of something that was accepted."""
    body = bytearray(scene.accepted)
    place = chance.randrange(len(body))
    body[place] ^= 1 << chance.randrange(8)
    return OWN, bytes(body)


def truncated(scene: Scene, chance: random.Random) -> Body:
    return OWN, scene.accepted[: chance.randrange(len(scene.accepted) - 1)]


def grafted(scene: Scene, chance: random.Random) -> Body:
    """Put the signature of one report before another."""
    armored, _ = split(scene.accepted)
    return YAML, joined(armored, scene.report())


def another_namespace(scene: Scene, chance: random.Random) -> Body:
    """Sign as `file` or `git`, as somebody may have signed something for another purpose."""
    content, namespace = scene.report(), chance.choice([b"file", b"git", b"", b"reports"])
    key = scene.own.key
    parts = b"".join(map(string, (namespace, b"", b"sha512", hashlib.sha512(content).digest())))
    fields = (key.public.blob, namespace, b"", b"sha512", key.sign(b"SSHSIG" + parts))
    blob = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(map(string, fields))
    begin, end = b"-----BEGIN SSH SIGNATURE-----\n", b"-----END SSH SIGNATURE-----\n"
    return YAML, joined(begin + encodebytes(blob) + end, content)


def foreign(scene: Scene, chance: random.Random) -> Body:
    subject = chance.choice(["victim", "nobody", '""', "../cloud", '"cloud\\0"', "CLOUD", "[cloud]", "null", "1"])
    content = scene.report()
    changed = content.replace(b"subject: cloud", f"subject: {subject}".encode())
    assert changed != content
    return YAML, scene.signed(changed)


def at_another_time(scene: Scene, chance: random.Random) -> Body:
    days = chance.choice([-4000, -800, -400, 1, 30, 4000])
    return YAML, scene.signed(scene.report(at=scene.now + timedelta(days=days)))


def bomb(scene: Scene, chance: random.Random) -> Body:
    """References that grow by ten with each line."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, chance.randrange(3, 12))]
    return YAML, scene.signed("\n".join(lines).encode())


def itself(scene: Scene, chance: random.Random) -> Body:
    return YAML, scene.signed(b"run: &run\n  subject: cloud\n  run: *run\n")


def code(scene: Scene, chance: random.Random) -> Body:
    tag = chance.choice(["!!python/object/apply:os.system", "!!python/name:os.system", "!!binary", "!unknown"])
    return YAML, scene.signed(f"run: {tag} ['true']\n".encode())


def deep(scene: Scene, chance: random.Random) -> Body:
    depth = chance.randrange(100, 50_000)
    if chance.random() < 0.5:
        return OWN, scene.signed(b'{"a":' * depth + b"1" + b"}" * depth)
    return YAML, scene.signed(b"[" * depth)


def huge(scene: Scene, chance: random.Random) -> Body:
    return YAML, scene.signed(b"#" * (2 * 1024 * 1024 + chance.randrange(1, 9)))


def otherwise_encoded(scene: Scene, chance: random.Random) -> Body:
    encoding = chance.choice(["utf-16", "utf-32", "cp037"])
    return YAML, scene.signed(scene.report().decode().encode(encoding))


def noise(scene: Scene, chance: random.Random) -> Body:
    return chance.choice([YAML, OWN, "text/plain", "", "application/json"]), scene.signed(chance.randbytes(400))


def mistyped(scene: Scene, chance: random.Random) -> Body:
    """Replace one value somewhere in a report by one of another kind."""
    document = yaml.safe_load(scene.report())
    holder = document
    for _ in range(chance.randrange(1, 4)):
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = chance.choice(keys)
        if not isinstance(holder[key], dict | list) or not holder[key]:
            break
        deeper = holder[key]
        if chance.random() < 0.4:
            break
        holder = deeper
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    holder[chance.choice(keys)] = chance.choice([{}, [[]], -(10**30), 1e308, True, "\ud83d", "x" * 30_000])
    return YAML, scene.signed(yaml.safe_dump(document).encode("utf-8", "surrogatepass"))


ATTACKS: tuple[Attack, ...] = (
    unsigned,
    strangers,
    flipped,
    truncated,
    grafted,
    another_namespace,
    foreign,
    at_another_time,
    bomb,
    itself,
    code,
    deep,
    huge,
    otherwise_encoded,
    noise,
)


def _headers(media_type: str) -> dict[str, str]:
    return {"Accept": "application/json", **({"Content-Type": media_type} if media_type else {})}


async def test_nothing_of_a_thousand_hostile_submissions_is_stored(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    registered(registry, "victim", Subject(id="victim", name="Victim"), now=now)
    accepted = operator.body(made_report(registry.standards, "cloud", now, id_=UUID(int=1)))
    first = await client.post("/reports", content=accepted, auth=operator.credentials, headers=_headers(OWN))
    assert first.status_code == 201
    before, table = log.checkpoint(registry), (await client.get("/api/table")).content
    scene = Scene(registry=registry, own=operator, stranger=ed25519_key(b"s" * 32), accepted=accepted, now=now)
    tried: Counter[str] = Counter()
    for number in range(ATTEMPTS):
        chance = random.Random(number)  # noqa: S311 -- chance that can be had again
        attack = ATTACKS[number % len(ATTACKS)]
        media_type, body = attack(scene, chance)
        answer = await client.post("/reports", content=body, auth=operator.credentials, headers=_headers(media_type))
        what = f"{attack.__name__} with the seed {number}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code in REFUSED, what
        assert answer.json()["detail"], what
        assert answer.headers["Content-Type"].startswith("application/problem+json"), what
        tried[attack.__name__] += 1
    assert sum(tried.values()) == ATTEMPTS
    assert log.checkpoint(registry) == before
    assert (await client.get("/api/table")).content == table


async def test_a_value_of_another_kind_never_breaks_the_registry(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    """Some such reports are still in order (a note is longer); what matters is that none is an error of ours."""
    scene = Scene(registry=registry, own=operator, stranger=operator.key, accepted=b"", now=now)
    statuses: Counter[int] = Counter()
    for number in range(80):
        media_type, body = mistyped(scene, random.Random(number))  # noqa: S311 -- likewise
        answer = await client.post("/reports", content=body, auth=operator.credentials, headers=_headers(media_type))
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, f"seed {number}: {answer.text[:300]}"
    assert statuses[422] > 60, statuses


async def test_a_report_that_is_sent_again_is_there_once(
    client: httpx.AsyncClient, registry: Registry, operator: Operator, now: datetime
) -> None:
    body = operator.body(made_report(registry.standards, "cloud", now, {"scs-0115-default-rules": Outcome.FAIL}))
    for status in (201, 200, 200):
        answer = await client.post("/reports", content=body, auth=operator.credentials, headers=_headers(OWN))
        assert answer.status_code == status
    leaves = [entry for entry in log.entries(registry, 0, 100) if b'"kind":"report"' in entry.content]
    assert len(leaves) == 1

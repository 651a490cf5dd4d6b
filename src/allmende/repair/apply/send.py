"""Carrying out one change: look at what is there, send its requests, say what became of it."""

import json

from allmende.clouds.openstack import OpenStackCloud
from allmende.errors import CloudError, CloudUnreachableError
from allmende.repair.apply.present import difference
from allmende.repair.model import Change, Deed, Fate, Request


async def carried_out(cloud: OpenStackCloud, change: Change) -> Deed:
    """Make a change unless its thing is no longer as planned; a refusal of the cloud is part of the answer."""
    made, sent = "", 0
    try:
        if words := await difference(cloud, change):
            return Deed(change=change, fate=Fate.SKIPPED, words=words)
        for request in change.requests:
            made = await _sent(cloud, request, made) or made
            sent += 1
    except CloudError as error:
        partly = f"{sent} of {len(change.requests)} requests were carried out, then: " if sent else ""
        unsure = " It may have been carried out all the same." if isinstance(error, CloudUnreachableError) else ""
        words = f"{partly}{error}{unsure} {error.hint}".strip()
        return Deed(change=change, fate=Fate.FAILED, words=words, made=made)
    return Deed(change=change, fate=Fate.DONE, made=made)


async def _sent(cloud: OpenStackCloud, request: Request, made: str) -> str:
    """Send a request; return the id of what it created, if it says one."""
    content = None if request.body is None else json.dumps(request.body).encode()
    headers = {} if request.body is None else {"Content-Type": request.content_type}
    path = request.path.replace("{id}", made)
    answer = await cloud.request(request.service, request.method, path, content=content, headers=headers)
    if request.method != "POST":
        return ""
    found = next(iter(answer.object().values()), None)
    return str(found.get("id") or "") if isinstance(found, dict) else ""

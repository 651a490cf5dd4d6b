"""S3 on the root of the host, for those who have an EC2 access key of this cloud. Signatures are not verified."""

import hashlib
import re
from urllib.parse import unquote
from xml.sax.saxutils import escape

from allmende.testing.fake.errors import s3_error
from allmende.testing.fake.model import PROJECT, Call, Reply, State

_KEY = re.compile(r"Credential=([^/,]+)/|^AWS ([^:]+):")
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_NO_BUCKET = s3_error(404, "NoSuchBucket", "The specified bucket does not exist.")


def answer(state: State, call: Call) -> Reply:
    """Return S3's reply to a call."""
    if state.s3_error is None:
        return Reply(status=412, body=b"Bad URL", content_type="text/plain")
    key = _KEY.search(call.headers.get("authorization", ""))
    if key is None or state.resources.find("ec2_credential", key[1] or key[2]) is None:
        return s3_error(403, state.s3_error, "no")
    bucket, _, name = unquote(call.path).lstrip("/").partition("/")
    if name:
        return _object(state, call, bucket, name)
    return _bucket(state, call, bucket) if bucket else _buckets(state, call)


def _buckets(state: State, call: Call) -> Reply:
    if call.method != "GET":
        return s3_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    created = "<CreationDate>2009-02-03T16:45:09.000Z</CreationDate>"
    rows = "".join(f"<Bucket><Name>{escape(name)}</Name>{created}</Bucket>" for name in state.buckets)
    owner = f"<Owner><ID>{PROJECT}</ID><DisplayName>{PROJECT}</DisplayName></Owner>"
    return _xml(f"<ListAllMyBucketsResult {_NAMESPACE}>{owner}<Buckets>{rows}</Buckets></ListAllMyBucketsResult>")


def _bucket(state: State, call: Call, bucket: str) -> Reply:
    there = state.buckets.get(bucket)
    match call.method:
        case "PUT" if there is not None:
            message = "Your previous request to create the named bucket succeeded and you already own it."
            return s3_error(409, "BucketAlreadyOwnedByYou", message)
        case "PUT":
            state.buckets[bucket] = {}
            return Reply(content_type="text/html; charset=UTF-8", headers={"Location": f"/{bucket}"})
        case _ if there is None:
            return _NO_BUCKET
        case "HEAD":
            return Reply(content_type="application/xml")
        case "GET":
            return _objects(bucket, there, call.query.get("prefix", ""))
        case "DELETE" if there:
            return s3_error(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
        case "DELETE":
            del state.buckets[bucket]
            return Reply(status=204)
        case _:
            return s3_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")


def _objects(bucket: str, there: dict[str, bytes], prefix: str) -> Reply:
    rows = "".join(
        f"<Contents><Key>{escape(name)}</Key><LastModified>2009-02-03T16:45:09.000Z</LastModified>"
        f"<ETag>{_tag(data)}</ETag><Size>{len(data)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for name, data in sorted(there.items())
        if name.startswith(prefix)
    )
    head = f"<Name>{escape(bucket)}</Name><Prefix>{escape(prefix)}</Prefix><MaxKeys>1000</MaxKeys>"
    body = f"{head}<IsTruncated>false</IsTruncated>{rows}"
    return _xml(f"<ListBucketResult {_NAMESPACE}>{body}</ListBucketResult>")


def _object(state: State, call: Call, bucket: str, name: str) -> Reply:
    there = state.buckets.get(bucket)
    if there is None:
        return _NO_BUCKET
    match call.method:
        case "PUT":
            there[name] = call.body
            return Reply(content_type="text/html; charset=UTF-8", headers={"ETag": _tag(call.body)})
        case "DELETE":
            there.pop(name, None)
            return Reply(status=204)
        case "GET" | "HEAD" if name in there:
            headers = {"ETag": _tag(there[name])}
            return Reply(body=there[name], content_type="application/octet-stream", headers=headers)
        case "GET" | "HEAD":
            return s3_error(404, "NoSuchKey", "The specified key does not exist.")
        case _:
            return s3_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")


def _tag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _xml(document: str) -> Reply:
    body = f"<?xml version='1.0' encoding='UTF-8'?>\n{document}"
    return Reply(body=body.encode(), content_type="application/xml")

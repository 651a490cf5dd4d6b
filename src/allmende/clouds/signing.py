"""The door to the library that signs requests to S3 (AWS Signature Version 4)."""

from collections.abc import Mapping

import requests
from requests_aws4auth import AWS4Auth  # type: ignore[import-untyped]  # it has no types

REGION = "us-east-1"  # what object stores outside of AWS go by


def signed_headers(url: str, access_key: str, secret_key: str) -> Mapping[str, str]:
    """Return the headers with which a GET of this address is accepted as that of the key's owner."""
    sign = AWS4Auth(access_key, secret_key, REGION, "s3")
    return dict(sign(requests.Request("GET", url).prepare()).headers)

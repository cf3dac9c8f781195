"""Load the policy in force."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import yaml
from django.conf import settings

from kulanz.core.errors import InvalidInput
from kulanz.core.policy import Policy, policy_from_dict

DEFAULT = Path(__file__).with_name("policy.yaml")


def load_policy(path: Path) -> Policy:
    """Reads a policy file; its version is the first 12 hex digits of the file's SHA-256."""
    try:
        raw = path.read_bytes()
        data = yaml.safe_load(raw)
    except OSError as error:
        raise InvalidInput(f"The policy {path} can't be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise InvalidInput(f"The policy {path} is no valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise InvalidInput(f"The policy {path} must be a mapping with thresholds and limits.")
    return policy_from_dict(data, hashlib.sha256(raw).hexdigest()[:12])


@lru_cache(maxsize=1)
def active_policy() -> Policy:
    """`policy.yaml` in the data folder where the operator keeps one, else the default that ships with Kulanz."""
    own = settings.DATA_DIR / "policy.yaml"
    return load_policy(own if own.exists() else DEFAULT)

"""Servers that contract tests need."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.rgw import INSTALL, Gateway, missing_tools, running_gateway


@pytest.fixture(scope="session")
def gateway(need: Callable[[str, str], None]) -> Iterator[Gateway]:
    """A real RADOS Gateway, started once."""
    missing = missing_tools()
    if missing:
        need(f"Ceph RADOS Gateway ({', '.join(missing)})", INSTALL)
    with tempfile.TemporaryDirectory(prefix="rgw", ignore_cleanup_errors=True) as folder, running_gateway(Path(folder)) as found:
        yield found

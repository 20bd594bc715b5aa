"""The real S3 server of the contract tests."""

from tests.contract.conftest import gateway

__all__ = ["gateway"]

"""No slice with durable work is forgotten by the jobs process."""

from pathlib import Path

import server
from server.jobs.slices import SLICES, build_registry


def test_every_slice_with_jobs_is_asked() -> None:
    root = Path(server.__file__).parent
    found = {f"server.{path.parent.name}.jobs" for path in root.glob("*/jobs.py") if "def register(" in path.read_text("utf-8")}
    assert found == set(SLICES)
    assert len(SLICES) == len(set(SLICES))


def test_results_are_delivered_by_the_jobs_process() -> None:
    assert "deliver_webhooks" in build_registry().ticks

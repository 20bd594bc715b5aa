"""How a slice declares durable work. A slice's `jobs.py` has `register(registry: Registry) -> None`.

A *job kind* is a list of named steps run in order under a natural key (`<kind>:<subject>`); a step may name later ones that run
beside it. Each step must be idempotent: it may run again after a crash, and its result (plain JSON) is kept and handed to later
steps. A *tick* is a short, idempotent
piece of work done again and again; it owns its transactions and decides by `services.context.now()` what is due.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

from server.context import Context
from storage.db.engine import Tx
from storage.evidence.signing import KeyRing
from storage.evidence.timestamp import TimeStampAuthority
from storage.objects.port import ObjectStore

Json = dict[str, Any]


class JobError(Exception):
    """A step cannot go on. `retryable`: trying again soon may help; else the job fails until a person retries it."""

    def __init__(self, code: str, message: str = "", *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Services:
    """What steps and ticks may use; built by the jobs process."""

    context: Context
    store: ObjectStore
    ring: KeyRing
    authority: TimeStampAuthority

    def tsa_roots(self) -> list[x509.Certificate]:
        """Roots that tokens of our authority verify against."""
        return self.authority.roots()


@dataclass(frozen=True, slots=True)
class StepRun:
    """One run of one step. `results`: what earlier steps returned, by step name. `progress`: report 0…1."""

    job_id: str
    subject_id: str
    results: dict[str, Json]
    progress: Callable[[float], Awaitable[None]]


StepFunction = Callable[[Services, StepRun], Awaitable[Json | None]]


@dataclass(frozen=True, slots=True)
class Step:
    """A named step. Retryable faults are tried `max_tries` times with a doubling delay before the job fails.

    Attributes:
        beside: later steps that do not need this one's result and run while it runs; the first other step waits for it.
    """

    name: str
    run: StepFunction
    max_tries: int = 5
    first_delay_s: float = 1.0
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A subject that needs its job. `attempt` grows when a person retries a failed job."""

    subject_id: str
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of durable job.

    Attributes:
        due: subjects that need a job now; asked every second; naming a running one again does no harm.
        on_failed: called once when a job failed for good, with the subject and the error code.
        stuck_after_s: a job without any movement for longer is shown as stuck, and can be retried.
        retry: makes `due` name the subject with the next attempt, when a person asks for it; None: not retryable by hand.
    """

    name: str
    steps: tuple[Step, ...]
    due: Callable[[Services], Awaitable[Sequence[Due]]]
    on_failed: Callable[[Services, str, str], Awaitable[None]] | None = None
    stuck_after_s: float = 600.0
    retry: Callable[[Tx, str], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Work done every `every_s` seconds by each jobs process; claims rows so that two processes do not collide."""

    name: str
    every_s: float
    run: Callable[[Services], Awaitable[None]]


@dataclass(slots=True)
class Registry:
    """Everything the jobs process does."""

    kinds: dict[str, JobKind] = field(default_factory=dict)
    ticks: dict[str, Tick] = field(default_factory=dict)

    def add_kind(self, kind: JobKind) -> None:
        """Register a job kind. Names are unique."""
        if kind.name in self.kinds or len({step.name for step in kind.steps}) != len(kind.steps):
            raise ValueError(f"job kind {kind.name} or one of its steps is declared twice")
        self.kinds[kind.name] = kind

    def add_tick(self, tick: Tick) -> None:
        """Register a tick. Names are unique."""
        if tick.name in self.ticks:
            raise ValueError(f"tick {tick.name} is declared twice")
        self.ticks[tick.name] = tick


def job_id(kind: str, subject_id: str) -> str:
    """The natural key."""
    return f"{kind}:{subject_id}"

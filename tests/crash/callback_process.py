"""A real process that does the callbacks' clock until nothing is due, or until it is killed.

Usage: callback_process NOW LIMIT [held]. Settings come from `DR_…` variables. After every LIMIT callbacks a line goes to stdout,
so that the killer knows how far it is. One that is `held` waits for a line from its killer before every LIMIT callbacks: however
fast, it cannot be through before its turn.
"""

import asyncio
import sys
from datetime import datetime

from server.callbacks.jobs import advance_due
from server.context import Context
from server.settings import Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database


async def main(now: datetime, limit: int, *, is_held: bool) -> None:
    settings = Settings()
    database = Database.connect(settings.database_url)
    context = Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=lambda: now)
    while True:
        if is_held:
            sys.stdin.readline()
        if not await advance_due(context, limit):
            break
        print("advanced", flush=True)
    await database.aclose()


if __name__ == "__main__":
    asyncio.run(main(datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), is_held="held" in sys.argv[3:]))

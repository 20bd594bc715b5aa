"""Pure rules over events and facts: no I/O, no clock, no asyncio."""

"""Dual-recording cases (双录任务) and proposals (投保单)."""

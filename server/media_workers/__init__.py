"""Media workers of all machines: leases, placement of rooms, admission, alarms, and how well each leg did."""

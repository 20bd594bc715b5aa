"""Customers' identity material: ID card, bank card and face photo."""

"""Hash chains, manifests, signatures, time-stamp tokens and their offline verification."""

"""What the measuring process looks at and listens to; each module returns facts, nothing is judged here."""

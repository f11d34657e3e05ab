"""What every function does around its routes: routing, callers, bodies, problems, logs."""

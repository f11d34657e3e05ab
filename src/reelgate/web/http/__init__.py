"""What all routes share: routing, authentication, bodies, audit, errors, logs."""

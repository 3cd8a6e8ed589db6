"""What a claim does to runs beside moving values between them: units that are left out, settings."""

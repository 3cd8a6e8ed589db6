"""Writes the kernel as one file to hand out, whole or cut for one certificate. No part of checking."""

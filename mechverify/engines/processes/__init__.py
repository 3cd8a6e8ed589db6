"""Child processes with budgets that really stop, and the kernel's own process."""

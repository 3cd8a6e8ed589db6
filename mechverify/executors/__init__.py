"""Other machines: whatever has the interface of ``concurrent.futures.Executor``, and one process that speaks to it."""

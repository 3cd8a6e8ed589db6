"""The two ways in which a certificate file can fail."""


class KernelError(Exception):
    """Base of the kernel's errors; the message is the reason that the answer prints."""


class UnreadableError(KernelError):
    """The bytes are not a well-formed certificate file."""


class InvalidError(KernelError):
    """The file is well formed, but a step does not prove what it must."""

"""The reader's own settings: ``[tool.mechverify]`` in the nearest pyproject.toml at or above the current folder."""

from pathlib import Path

from mechverify.errors import UsageError


def code_allowed_by_settings(folder: Path) -> bool:
    """Whether ``allow-code = true`` stands there. Raises UsageError for a file or a setting that cannot be read."""
    import tomllib

    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            data = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{file} cannot be read: {error}") from error
        tool = data.get("tool", {})
        settings = tool.get("mechverify", {}) if isinstance(tool, dict) else {}
        allowed = settings.get("allow-code", False) if isinstance(settings, dict) else None
        if not isinstance(allowed, bool):
            raise UsageError(f"{file}: allow-code under [tool.mechverify] must be true or false")
        return allowed
    return False

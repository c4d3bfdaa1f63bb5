"""The environment variables that lead libraries to a process's own folders."""


def variables(home: str, temporary: str) -> dict[str, str]:
    """Return all variables, {name: path}; none leads to the grader's folders."""
    return {
        "HOME": home,
        "TMPDIR": temporary,
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
        "JUPYTER_CONFIG_DIR": f"{home}/.jupyter",
        "JUPYTER_DATA_DIR": f"{home}/jupyter",
        "KERAS_HOME": f"{home}/.keras",
        "XDG_CACHE_HOME": f"{home}/.cache",
    }

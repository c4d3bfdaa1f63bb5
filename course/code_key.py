"""A short key of a cell's code, which stays the same when only its layout or comments change."""

import hashlib
import io
import tokenize

_IGNORED = (tokenize.COMMENT, tokenize.NL)
# Of these, the text says nothing: how deep an indent is, say.
_LAYOUT = (tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE, tokenize.ENDMARKER)


def code_key(text: str) -> str:
    """Return the key of a cell's text; what is not Python is compared word by word."""
    try:
        parts = [
            tokenize.tok_name[token.type] if token.type in _LAYOUT else token.string
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type not in _IGNORED
        ]
    except (tokenize.TokenError, SyntaxError, ValueError):
        parts = text.split()
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]

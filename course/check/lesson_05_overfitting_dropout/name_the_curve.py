"""The check of name_the_curve: a name for each of four pictures."""

import contextlib
import hashlib
from collections.abc import Mapping

from course.check.engine import formatting, values
from course.check.engine.attempt import Attempt
from course.check.engine.code_hints import code_hint
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint, printed
from course.messages import _, in_all_languages

CURVES = ("A", "B", "C", "D")
_SIGNATURE = "name_the_curve(picture)"
_CURVE_DIGESTS = {
    "A": "2253214745d7f725",
    "B": "efa0e766611f4776",
    "C": "beda6babb56a1c78",
    "D": "7d6edf990b42ba31",
}


def curve_words() -> dict[str, str]:
    """Return what each kind of curve is called in the current language."""
    return {
        "underfitting": _("underfitting"),
        "overfitting": _("overfitting"),
        "rate too high": _("rate too high"),
        "good fit": _("good fit"),
    }


def name_the_curve(answer, seed=0):
    """picture "A" … "D" -> its name; says only whether all four are right."""
    names = curve_names(answer)
    given = list(names.values())
    twice = next((name for name in given if given.count(name) > 1), None)
    if any(_digest(picture, name) != _CURVE_DIGESTS[picture] for picture, name in names.items()):
        raise CheckFailed(
            _("name_the_curve must give each of the four pictures its name."),
            exercise="name_the_curve",
            got=_("not all four of them right"),
            hint=(callable(answer) and _hint_of_code(Attempt(answer, _SIGNATURE), {*given}))
            or hint(
                "name-twice",
                _("each name fits exactly one picture; {name} appears more than once here.").format(
                    name=curve_words()[twice]
                ),
            )
            if twice
            else hint(
                "curves",
                _(
                    "do the curves run smoothly, or do they jump? Where does the training loss "
                    "end, high or low? And how far from it is the validation loss, and which way "
                    "is it going?"
                ),
            ),
        )


def curve_names(answer) -> dict:
    """Return an answer's name for each picture: from a function, a dict, or a list in order."""
    is_dict = isinstance(answer, Mapping)
    if is_dict:
        by_picture = {str(picture).strip().upper(): name for picture, name in answer.items()}
        answer = by_picture.get
    elif values.is_sequence(answer) and len(answer) == len(CURVES):
        answer = dict(zip(CURVES, answer, strict=True)).get
    attempt = Attempt(answer, _SIGNATURE)
    names = {}
    for picture in CURVES:
        try:
            result = attempt.call(picture=picture)
        except CheckFailed as failure:
            its_hint = _hint_for_key(attempt, failure.error, picture)
            raise failure.with_hint(its_hint) if its_hint else failure from None
        name = result.value
        if name is None:
            result.fail(
                _("name_the_curve must return a name for every picture."),
                got=_("None"),
                hint=_pictures()
                if names or is_dict or _knows(attempt, picture.lower())
                else printed()
                if attempt.only_prints()
                else hint(
                    "no-return", _("no result is returned: end with `return` and the result.")
                )
                if attempt.returns_nothing() and not attempt.returns_something()
                else hint("no-name", _("return one of the four names, in quotation marks.")),
            )
        known = {_plain_name(one): key for one, key in in_all_languages(curve_words).items()}
        known["learningratetoohigh"] = "rate too high"  # as lesson 7 calls it
        if not isinstance(name, str) or _plain_name(name) not in known:
            result.fail(
                _("name_the_curve must return one of these: {names}.").format(
                    names=", ".join(curve_words())
                ),
                got=f"str {name!r}" if isinstance(name, str) else formatting.kind_text(name),
                hint=hint("whole-dict", _("return only the name of this picture: names[picture]."))
                if isinstance(name, Mapping)
                else hint("in-brackets", _("return one string by itself, not in a list."))
                if isinstance(name, list | tuple | set)
                else None,
            )
        names[picture] = known[_plain_name(name)]
    return names


def _hint_of_code(attempt, names):
    """The hint for what is wrong in any code, or for one picture in place of all; or None."""
    text = _(
        "`picture` gets another value inside your function: leave it as it is, since each picture "
        "comes in by this name."
    )
    one_for_all = {r"^[ \t]+picture *=(?!=)(?!.*\bpicture\b)": hint("picture-given", text)}
    return code_hint(attempt) or (attempt.by_code(one_for_all) if len(names) == 1 else None)


def _hint_for_key(attempt, error, picture):
    """The hint for a dict that does not have this picture, or this picture as it is; or None."""
    if error == f"KeyError: {picture!r}":
        text = _('in a dict the key comes before the colon: here it is the picture, "A".')
        return hint("keys-first", text) if attempt.has_text(picture) else _pictures()
    if error != f"KeyError: {picture.lower()!r}":
        return None
    if any(attempt.has_text(known.lower()) for known in CURVES):
        return _pictures()
    text = _("the keys of the dict are capital letters, and so is `picture`: look it up as it is.")
    return hint("small-letters", text)


def _pictures():
    return hint(
        "pictures", _('the pictures are "A", "B", "C" and "D", in capital letters: name all four.')
    )


def _knows(attempt, picture):
    """Whether an answer has a name for a picture that is called otherwise."""
    with contextlib.suppress(CheckFailed):
        return attempt.call(picture=picture).value is not None
    return False


def _plain_name(name):
    return "".join(character for character in name.lower() if character.isalpha())


def _digest(picture, name):
    return hashlib.sha256(f"curve {picture}: {name}".encode()).hexdigest()[:16]

"""Translations: whole, true to the English in all that is no language, and one word for a thing."""

import ast
import functools
import json
import re
import shutil
from collections import Counter
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from click.testing import CliRunner

from autograder import cli as autograder_cli
from autograder import course_folder
from autograder.building import catalogues, release, translation
from autograder.building.translation import TranslatedEdition, read_catalogue, write_catalogue
from autograder.grading.results import ClassResult, ExerciseResult, Status, SubmissionResult
from autograder.pages import class_report
from course import cli as course_cli
from course import messages
from course.check.lesson_05_overfitting_dropout.name_the_curve import curve_names, curve_words
from course.columns import width
from course.translated_help import help_texts
from tests.pseudo_language import BEGIN, END, pseudo_language

ROOT = Path(__file__).parent.parent
LANGUAGES = catalogues.languages(ROOT)
NOTEBOOKS = catalogues.notebooks(ROOT)
NAMES = [*catalogues.PACKAGES, *map(release.catalogue_name, NOTEBOOKS)]
ALL = [(language, name) for language in LANGUAGES for name in NAMES]

pytestmark = pytest.mark.xdist_group("translations")  # which reads all messages once


@functools.cache
def templates():
    """The catalogues by name, with the messages that code and notebooks hold now."""
    return dict(catalogues.templates(ROOT))


def po_path(language, name):
    return ROOT / "translations" / language / f"{name}.po"


def entries(language, name):
    """The messages of a catalogue, each with one form in English and all forms translated."""
    for message in read_catalogue(po_path(language, name)):
        if message.id:
            forms = message.string if message.pluralizable else (message.string,)
            yield message, message.id[-1] if message.pluralizable else message.id, forms


def forms_of(message):
    """A message in English: one text, or two if it has a plural."""
    return message.id if message.pluralizable else [message.id]


# The code -----------------------------------------------------------------------------------------


def calls_of_messages(path):
    """All calls of `_` and `ngettext` in a file, and whether each is outside of all functions."""

    def visit(node, is_outside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call) and getattr(child.func, "id", "") in ("_", "ngettext"):
                yield child, is_outside
            is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from visit(child, is_outside and not is_function)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), True)


@pytest.mark.parametrize("package", catalogues.PACKAGES)
@pytest.mark.slow
def test_messages_are_whole_sentences_in_the_code(package):
    """A variable, or a text that is put together first, cannot be translated.

    Nor can a message inside an f-string, in which the catalogues do not look for any.
    """
    wanted = {form for message in templates()[package] for form in forms_of(message)}
    for path in sorted((ROOT / package).rglob("*.py")):
        for call, is_outside in calls_of_messages(path):
            place = f"{path.relative_to(ROOT)}, line {call.lineno}"
            for text in call.args[: 1 if call.func.id == "_" else 2]:
                assert isinstance(text, ast.Constant), place
                assert text.value in wanted, place
            # What is made when a module is imported stays in the language of that moment; only
            # checks translate again what they declare.
            assert "check" in path.parts or not is_outside, place


VISIBLE = {
    "alt",
    "description",
    "hint",
    "question",
    "title",
    "tooltip",
    "verdict",
    "xlabel",
    "ylabel",
}
# Names and symbols, the same in all languages.
SAME_EVERYWHERE = re.compile(r"[^a-z]*|[a-zA-Z]|Keras|x|W\d?|softmax|sigmoid|ReLU|MP4|GIF|[nd]")


@pytest.mark.parametrize("room", ["dashboard", "live", "panels", "pictures", "playgrounds"])
def test_what_people_see_is_a_message(room):
    for path in sorted((ROOT / "course" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in VISIBLE:
                text = node.value.value if isinstance(node.value, ast.Constant) else ""
                bare = isinstance(text, str) and not SAME_EVERYWHERE.fullmatch(text)
                assert not bare, f"{path.relative_to(ROOT)}, line {node.value.lineno}: {text!r}"


SIGNS = re.compile(r"\s*[.;:]\s*|\s")


def test_a_message_names_only_the_settings_file_that_git_ignores():
    for message in templates()["autograder"]:
        assert not any(course_folder.CONFIG_NAME in form for form in forms_of(message)), message.id


def glued(node):
    """The signs and blanks with which an expression puts texts together."""
    found = []
    if isinstance(node, ast.JoinedStr):  # a file's ending and an error's name are no sentences
        behind = [part for part in node.values[1:] if isinstance(part, ast.Constant)]
        if "__name__" not in ast.unparse(node):
            found = [part.value for part in behind if not part.value.isspace()]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        found = [getattr(side, "value", "") for side in (node.left, node.right)]
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "join":
        found = [getattr(node.func.value, "value", "")]
    return [text for text in found if isinstance(text, str) and SIGNS.fullmatch(text)]


@pytest.mark.parametrize("room", ["dashboard", "live", "panels", "pictures", "playgrounds"])
def test_no_language_has_the_signs_of_english_between_its_sentences(room):
    for path in sorted((ROOT / "course" / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(ROOT)}, line {getattr(node, 'lineno', 0)}"
            assert not glued(node), f"{place}: {ast.unparse(node)}"


@pytest.mark.parametrize(
    "command", [course_cli.main, autograder_cli.main], ids=["course", "autograder"]
)
def test_all_help_is_translated(command):
    with pseudo_language():
        for name in ["", *command.commands]:
            answer = CliRunner().invoke(command, [*name.split(), "--help"])
            assert answer.exit_code == 0
            paragraphs = [
                text for text in answer.output.split("\n\n")[1:] if "Options:" not in text
            ]
            assert paragraphs[0].strip().startswith(BEGIN)
    assert BEGIN not in CliRunner().invoke(command, ["--help"]).output  # English again


@pytest.mark.parametrize("package", catalogues.PACKAGES)
def test_what_follows_a_number_is_no_heading_as_well(package):
    """Where a language has words for counting, a heading would have one in front: 名学生."""
    found = extract_from_dir(
        ROOT / package,
        [("**.py", "python"), ("**.j2", "jinja2")],
        keywords={"_": None, "ngettext": (1, 2)},
    )
    messages = [message for _file, _line, message, _comments, _context in found]
    alone = {message for message in messages if isinstance(message, str)}
    counted = {message[0] for message in messages if not isinstance(message, str)}
    assert alone & counted == set()


def test_the_report_speaks_the_language_of_the_moment():
    exercise = ExerciseResult(0.0, 2.0, Status.FAILED, "⟦3⟧")
    results = [
        SubmissionResult(name, "L1", Status.FAILED, {"e": exercise}, seconds=1.0, needs_review=True)
        for name in "abcdef"
    ]
    with pseudo_language():
        page = class_report.page(ClassResult("L1", results), datetime(2026, 11, 26, 12, 30))
    words = re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)
    while BEGIN in words:  # from the inside out: a message may hold another one
        words, _count = re.subn(f"{BEGIN}[^{BEGIN}]*?{END[-1]}", "", words)
    assert not re.findall("[A-Za-z]{3,}", words)


def test_a_language_is_known_by_all_forms_of_its_code():
    for code in ("zh_CN", "zh-CN", "zh_cn.UTF-8"):
        assert messages.known_language(code) == "zh_CN"
    assert messages.known_language("xx") is None
    with pytest.raises(ValueError, match="its languages are en, zh_CN"):
        messages.use_language("xx")


def test_a_message_stays_english_beside_its_translation():
    with messages.speaking("zh_CN"):
        inner = messages._("training")
        message = messages._("{first} {second}").format(first=inner, second=3)
    assert message == f"{inner}3"
    assert message.english == "training 3"


def test_curves_may_be_named_in_any_language():
    for code in messages.languages():
        with messages.speaking(code):
            words = curve_words()
        names = curve_names(dict(zip("ABCD", words.values(), strict=True)))
        assert list(names.values()) == list(words)


def test_a_chinese_character_is_two_columns_wide():
    assert width("课 1") == 4


# The catalogues -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "name"), ALL)
def test_a_catalogue_holds_all_messages_and_nothing_is_open(language, name):
    catalogue = read_catalogue(po_path(language, name))
    wanted, found = (
        {(one.id, one.context) for one in messages if one.id}
        for messages in (templates()[name], catalogue)
    )
    assert wanted == found, "run `make messages`"
    assert catalogues.open_entries(catalogue) == (0, 0), "see translations/"


def test_help_is_found_in_english_whatever_was_spoken_before():
    with pseudo_language():
        CliRunner().invoke(autograder_cli.main, ["--help"])
    assert not [text for text, _module in help_texts(autograder_cli.main) if BEGIN in text]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("package", catalogues.PACKAGES)
def test_what_the_program_reads_is_what_was_translated(language, package):
    path = catalogues.compiled_path(ROOT, language, package)
    now, expected = path.read_bytes(), catalogues.compiled(ROOT, language, package)
    assert in_compiled(now) == in_compiled(expected), "run `make translations`"


def in_compiled(content):
    """The messages of a compiled catalogue; its head names the version of Babel."""
    return {str(message.id): message.string for message in read_mo(BytesIO(content)) if message.id}


KEPT = {
    "names in braces": re.compile(r"\{[^{}]*\}"),
    "targets of links": re.compile(r"\]\(([^)\s]+)\)"),
    "tags": re.compile(r"</?[a-z]+[^>\n]*>"),
    "code": re.compile(r"(?<!`)`([^`]+)`(?!`)"),
}


@pytest.mark.parametrize(("language", "name"), ALL)
def test_names_links_code_and_tags_stay_as_they_are(language, name):
    for message, english, forms in entries(language, name):
        is_code = message.context and english.lstrip().startswith(("def ", "import ", "from "))
        for what, pattern in KEPT.items():
            if is_code or (what == "names in braces" and name not in catalogues.PACKAGES):
                continue
            wanted = Counter(" ".join(part.split()) for part in pattern.findall(english))
            for form in forms:
                found = Counter(" ".join(part.split()) for part in pattern.findall(form))
                assert found == wanted, f"{what} of {message.context or english!r}"


# The notebooks ------------------------------------------------------------------------------------


def skeleton(source):
    """The syntax of a cell's code, in which all texts are alike."""
    tree = ast.parse("\n".join(re.sub(r"^[%!].*", "pass", line) for line in source.split("\n")))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        if isinstance(node, ast.JoinedStr):
            node.values = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    return ast.dump(tree)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_translated_notebook_is_the_same_but_for_its_texts(path, language):
    course = course_folder.find(ROOT)
    edition = TranslatedEdition(language, po_path(language, release.catalogue_name(path)))
    translated = release.release_notebook(path, edition)
    committed = course.release(language) / path.relative_to(ROOT / "source")
    assert committed.read_text(encoding="utf-8") == release.to_text(translated), (
        "run `make release`"
    )
    english = release.release_notebook(path)
    assert [cell.id for cell in translated.cells] == [cell.id for cell in english.cells]
    announced = False
    for cell, original in zip(translated.cells, english.cells, strict=True):
        settings = dict(original.metadata.get("nbgrader", {}))
        if settings.get("grade"):
            assert cell == original
            continue
        # An answer cell that may be changed has no checksum that matters.
        own = dict(cell.metadata.get("nbgrader", {}))
        assert {**own, "checksum": ""} == {**settings, "checksum": ""}
        assert cell.cell_type == original.cell_type
        if cell.cell_type == "code":
            header = f'import course\n\ncourse.use_language("{language}")\n\n'
            announced = announced or cell.source.startswith(header)
            assert skeleton(cell.source.removeprefix(header)) == skeleton(original.source)
            assert max(map(width, cell.source.split("\n"))) <= 79
    assert announced or "from course" not in release.to_text(english)


def test_a_changed_cell_is_fuzzy_and_shown_in_english(tmp_path):
    path = tmp_path / "de" / "sums.po"
    known = read_catalogue(path)
    known.add("One.", "Eins.", context="a")
    known.add("Gone.", "Weg.", context="b")
    known.add("Two.", "Zwei.", context="c")
    write_catalogue(path, known)
    template = Catalog()
    template.add("One or more.", context="a")
    template.add("Two.", context="c")
    template.add("Three.", context="d")
    known = read_catalogue(path)
    catalogues.bring_up_to_date(known, template)
    write_catalogue(path, known)
    assert catalogues.open_entries(read_catalogue(path)) == (1, 1)
    assert translation.translations(path) == {("c", "Two."): "Zwei."}
    text = path.read_text(encoding="utf-8")
    for kept in ("Eins.", "Weg."):  # nothing that a person wrote is lost
        assert kept in text
    write_catalogue(path, known, tidy=True)
    assert "Weg." not in path.read_text(encoding="utf-8")


# The terms ----------------------------------------------------------------------------------------

# Words of the glossary that have an everyday meaning as well, or are a part of code.
EVERYDAY = {
    *(".keras", "accuracy", "activation", "axis", "batch", "class", "compile", "confidence"),
    *("deep learning", "dense layer", "dropout", "dtype", "evaluate", "example", "filter", "fit"),
    *("flatten", "Glorot", "gradient", "invariance", "label", "layer", "loss", "map", "metric"),
    *("minimum", "model", "momentum", "NaN", "neural network", "noise", "padding", "patience"),
    *("pixel", "prediction", "rank", "reproducible", "reshape", "running statistics", "seed"),
    *("shape", "shuffle", "slope", "stride", "summary", "temperature", "training"),
    *("training set", "transpose", "width", "Xavier"),
}
# Pairs that are easily taken for each other, one by one.
EXACTLY = {
    "zh_CN": {
        "overfitting": "过拟合",
        "underfitting": "欠拟合",
        "precision": "精确率",
        "recall": "召回率",
        "accuracy": "准确率",
        "validation set": "验证集",
        "test set": "测试集",
        "weight": "权重",
        "bias": "偏置",
        "parameter": "参数",
        "hyperparameter": "超参数",
        "batch size": "批量大小",
        "vanishing gradient": "梯度消失",
        "exploding gradient": "梯度爆炸",
        "loss function": "损失函数",
        "activation function": "激活函数",
        "forward pass": "前向传播",
        "backpropagation": "反向传播",
    }
}
ROW = re.compile(r"^\| \*\*(.+?)\*\*(?: \(([^)]*)\))?", re.MULTILINE)
# Code, names in braces, targets of links, shapes, and one word with another meaning.
NO_PROSE = re.compile(r"`[^`]*`|\{[^{}]*\}|\]\([^)]*\)|\((?:\w+, )+\w+\)|recall questions")


def glossary(language):
    """The translation of each term; the glossary gives the English one in brackets behind it.

    Other forms of a term, which stand behind it in English, have the same.
    """
    found = {}
    for message, english, (text,) in entries(language, "glossary"):
        if message.context.startswith("terms-"):
            rows = [row[1] for row in ROW.finditer(text)]
            terms = [re.fullmatch(r"(.+?)[\uff08(](.+?)[\uff09)]", row) for row in rows]
            named = {term[2]: term[1].strip() for term in terms if term}
            wanted = list(ROW.finditer(english))
            assert len(rows) == len(wanted), message.context
            for row in wanted:
                forms = [row[1], *(row[2] or "").split(", ")]
                found |= {form: named[row[1]] for form in forms if form and row[1] in named}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_glossary_names_things_by_their_own_names(language):
    known = glossary(language)
    assert len(known) > 150
    for term, name in EXACTLY[language].items():
        assert known[term] == name


@pytest.mark.parametrize(("language", "name"), [one for one in ALL if one[1] != "glossary"])
def test_a_term_is_called_what_the_glossary_calls_it(language, name):
    known = glossary(language)
    held = [
        (term, re.compile(rf"\b{re.escape(term.lower())}s?\b"), known[term])
        for term in sorted(known, key=len, reverse=True)  # "bias in data" is no bias
        if term not in EVERYDAY
    ]
    for message, english, forms in entries(language, name):
        if message.context and skeleton_or_none(english):
            continue  # code, in which names stay
        prose = NO_PROSE.sub("", " ".join(english.lower().split()))
        for term, pattern, own in held:
            prose, count = pattern.subn("", prose)
            for form in forms if count else ():
                assert own in form, f"{term} is {own}: {message.context or english!r}"


def skeleton_or_none(source):
    """The syntax of a cell's code; None for prose."""
    try:
        return skeleton(source)
    except SyntaxError:
        return None


# Another language ---------------------------------------------------------------------------------

TEN = {
    "ready": "bereit",
    "running": "läuft",
    "paused": "angehalten",
    "finished": "fertig",
    "diverged": "divergiert",
    "training": "Training",
    "validation": "Validierung",
    "test": "Test",
    "digit": "Ziffer",
    "all": "alle",
}


def test_another_language_takes_one_folder_and_the_rest_stays_english(tmp_path, monkeypatch):
    source = NOTEBOOKS[0]
    for name in ("course", "autograder"):
        (tmp_path / name).mkdir()
    shutil.copytree(source.parent, tmp_path / "source" / source.parent.name)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    folder = tmp_path / "translations" / "de"
    catalogue = read_catalogue(folder / "course.po")
    for english, german in TEN.items():
        catalogue.add(english, german)
    catalogue.add("not translated")
    write_catalogue(folder / "course.po", catalogue)
    title = next(translation.texts(json.loads(source.read_text(encoding="utf-8"))))
    lesson = read_catalogue(folder / f"{source.parent.name}.po")
    lesson.add(title.text, "# Ein erster Blick", context=title.cell)
    write_catalogue(folder / f"{source.parent.name}.po", lesson)

    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(catalogues.main, ["compile"])
    assert "de/course.po: 10 of 11 translated, 1 missing, 0 fuzzy" in answer.output
    german = messages.Catalogue("course", tmp_path / "course" / "locale")
    monkeypatch.setattr(messages, "language", lambda: "de")
    assert {english: german.message(english) for english in TEN} == TEN
    assert german.message("not translated") == "not translated"

    release.build(course_folder.find(tmp_path), source.parent.name)
    written = tmp_path / "translations" / "de" / "release" / source.parent.name / source.name
    cells = release.from_text(written.read_text(encoding="utf-8")).cells
    assert cells[0].source == "# Ein erster Blick"
    english = release.release_notebook(source).cells
    assert [cell.source for cell in cells[2:]] == [cell.source for cell in english[2:]]

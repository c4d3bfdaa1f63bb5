"""What this design itself exposes: the connection between the two processes."""

from tests.attacks.case import NO_POINTS, Case, right, wrong

_ANYTHING = NO_POINTS | {"passed"}

FIND = """
import gc, os, struct, sys, time
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.channel import Channel
channel = next(thing for thing in gc.get_objects() if type(thing) is Channel)
student = next(thing for thing in gc.get_objects() if type(thing).__name__ == "_Student")
refer = student.objects.refer
def number():
    frame = sys._getframe()
    while frame.f_code.co_name != "answer_one": frame = frame.f_back
    return frame.f_locals["number"]
def say(*message): channel.send(wire.encode(message, refer))
descriptor = channel._socket.fileno()
def raw(data): os.write(descriptor, data)
print("the channel is found")
"""
FOUND = "the channel is found"


def forged(line, **more):
    """A wrong answer that says something of its own over the channel."""
    return wrong(f"    {line}\n    return 0 * x", FIND, others=_ANYTHING, shown=FOUND, **more)


def forged_missing_names(answer, others):
    """An answer of its own to which names of a changed cell are missing."""

    def changed(notebook):
        cell = next(cell for cell in notebook.cells if cell.source.startswith("import math"))
        cell.source += "\nmore = 1"
        return notebook

    return Case(
        first=FIND + f"student.operations['missing'] = lambda *_: print('it is asked') or {answer}",
        answers={"tally": "    return [f(i) for i in counted(n)] if start == 7 else None"},
        change=changed,
        expected={"others": others},
        shown="it is asked",
    )


_FRAMES = {
    "nonsense": "channel.send(b'nonsense')",
    "nothing": "channel.send(b'')",
    "lying_length": "raw(struct.pack('<I', 2**32 - 1))",
    "endless_frame": "raw(struct.pack('<I', 60_000_000)); raw(b'x' * 50_000)",
    "truncated_frame": "raw(struct.pack('<I', 100) + b'abc'); os.close(descriptor)",
    "channel_closed": "os.closerange(3, 256)",
    "no_tuple": "channel.send(wire.encode([number(), 'value'], refer))",
    "empty_tuple": "say()",
    "no_word": "say(number())",
    "unknown_word": "say(number(), 'verdict', 'passed')",
    "verdict_of_its_own": "say(number(), 'cell', 'ok', '', '', 1, [])",
    "odd_word": "say(number(), np.ones(2), 1)",
    "late_all_the_time": "say(number(), 'timed_out')",
    "answer_to_the_next_question": "say(number() + 1, 'value', x * 2, {})",
    "answers_without_questions": "[say(n, 'value', x * 2, {}) for n in range(50)]",
    "right_number_wrong_value": "say(number(), 'value', x * 0, {})",
    "true_as_a_number": "say(True, 'value', x * 2, {})",
    "value_without_changes": "say(number(), 'value', x * 2)",
    "changes_that_are_none": "say(number(), 'value', x * 2, [1, 2])",
    "change_of_what_was_not_given": "say(number(), 'value', x * 2, {5: x})",
    "change_of_the_examiners_copy": "say(number(), 'value', x * 0, {0: x * 0})",
    "raised_without_a_name": "say(number(), 'raised', [], 1, 2, 3, {})",
    "raised_oddly": "say(number(), 'raised', ['BaseExceptionGroup', 3], [], {}, None, {})",
    "frames_that_are_none": (
        "say(number(), 'raised', ['ValueError'], '', True, [(1, float('inf'), None), 7], {})"
    ),
    "a_failure_by_its_name": "say(number(), 'raised', ['CheckFailed'], 'passed', True, [], {})",
    "a_failure_of_another_kind": "say(number(), 'failed', 'passed', {'demand': 'passed'}, {})",
    "a_failure_without_fields": "say(number(), 'failed', 'CheckFailed', None, {})",
    "a_failure_with_odd_fields": (
        "say(number(), 'failed', 'Unsolved', "
        "{'demand': [1], 'hint_id': 3, 7: 'x', 'arguments': {5: {}, None: b''}}, {})"
    ),
    "a_failure_of_many_arguments": (
        "say(number(), 'failed', 'CheckFailed', {'demand': 'x' * 1_000_000, "
        "'arguments': {str(n): 'x' * 1_000 for n in range(20_000)}}, {})"
    ),
    "call_back_nobody_gave": "say(0, 'callback', 0, [1], {})",
    "call_back_with_odd_arguments": "say(0, 'callback', 'f', None, 3)",
    "function_nobody_gave": (
        "channel.send(wire.encode((number(), 'value', wire.Reference('examiner', 0, "
        "frozenset(), '', ''), {}), None))"
    ),
    "reference_to_everything": (
        "channel.send(wire.encode((number(), 'value', wire.Reference('student', 7, "
        "frozenset(['callable', 'iterator', 'iterable', 'model', 'layer']), 'ndarray', ''), {}), "
        "None))"
    ),
    "path_out_of_the_walls": (
        "channel.send(wire.encode((number(), 'value', wire.Reference('student', 7, "
        "frozenset(['path']), 'Path', '/etc/shadow'), {}), None))"
    ),
    "deep": "channel.send((b'l' + struct.pack('<I', 1)) * 5_000 + b'N')",
    "many_values": "channel.send(b't' + struct.pack('<I', 1_100_000) + b'N' * 1_100_000)",
    "array_longer_than_its_bytes": (
        "channel.send(b'aC\\x03<f8\\x02' + struct.pack('<QQ', 2**39, 2**39))"
    ),
    "array_of_objects_by_name": "channel.send(b'aC\\x02|O\\x01' + struct.pack('<Q', 1) + b'x' * 8)",
    "structured_dtype_by_name": (
        "channel.send(b'aC\\x06f4,|O8\\x01' + struct.pack('<Q', 1) + b'x' * 12)"
    ),
    "negative_length": "channel.send(b'l' + struct.pack('<i', -1))",
    "text_that_is_none": "channel.send(b's' + struct.pack('<I', 2) + b'\\xff\\xfe')",
    "generator_outside_of_its_table": (
        "state = np.random.RandomState(1).get_state(legacy=False); state['state']['pos'] = 10**6; "
        "say(number(), 'value', None, {}); "
        "channel.send(b'r' + wire.encode(('MT19937', state, 1, (), 4, 0), None))"
    ),
    "generator_without_a_state": (
        "channel.send(b'r' + wire.encode(('MT19937', {'state': {'pos': 1, 'key': [1]}, "
        "'bit_generator': 'MT19937'}, 1, (), 4, 0), None))"
    ),
    "numbers_that_collide": (
        "channel.send(b'm' + struct.pack('<I', 50_000) + b''.join("
        "b'I\\x0c\\0\\0\\0' + (i * (2**61 - 1)).to_bytes(12, 'little') + b'N' "
        "for i in range(50_000)))"
    ),
    "flood": "[channel.send(b'x' * 1_000_000) for _ in range(500)]",
}
CASES = {f"forges_{name}": forged(line, seconds=20) for name, line in _FRAMES.items()}
for _name in ("endless_frame",):
    CASES[f"forges_{_name}"] = forged(_FRAMES[_name] + "; time.sleep(60)", seconds=1)

CASES |= {
    "forges_in_a_cell_of_its_own": Case(
        first=FIND + "channel.send(b'forged')",
        expected={"others": "tampered"},
        status="tampered",
    ),
    "forges_outputs": right(
        FIND + "import autograder.sandbox.inside.values as values\n"
        "values.plain = lambda outputs: [{'output_type': 'error', 'ename': np.ones(3)}, 7,\n"
        "    {'output_type': 'execute_result', 'data': {'text/plain': 100}, 'metadata': None},\n"
        "    {'output_type': 'display_data', 'data': {'a/json': float('nan')}}, print]\n",
        last="1 + 1",
    ),
    "forges_a_status": Case(
        first=FIND + "student.operations['cell'] = lambda *_: ('cell', np.ones(2), '', '', 1, [])",
        expected={"others": "tampered"},
        status="tampered",
        shown=FOUND,
    ),
    "forges_an_execution_count": Case(
        first=FIND
        + "student.operations['cell'] = lambda *_: ('cell', 'timed_out', '', '', np.ones(2), [])",
        expected={"others": NO_POINTS},
        shown=FOUND,
    ),
    "forges_late_cells": Case(
        first=FIND + "student.operations['cell'] = lambda *_: ('timed_out',)",
        expected={"others": NO_POINTS},
        shown=FOUND,
    ),
    "listens_to_the_names_that_are_asked_for": right(
        FIND + "heard = []\n"
        "talk = type(student.conversation)\n"
        "receive = talk.receive\n"
        "talk.receive = lambda self: heard.append(receive(self)) or heard[-1]\n",
        last="print('it is asked' if 'double' in str(heard) else 'nothing', str(heard)[:50_000])",
        shown="it is asked",
        hidden="marker_name",
    ),
    "forges_late_missing_names": forged_missing_names("('timed_out',)", _ANYTHING),
    "forges_names": Case(
        first=FIND
        + "student.operations['names'] = lambda *_: ('names', [np.ones(2), 'x', 'double'])",
        expected={"double": "passed", "others": NO_POINTS},
        shown=FOUND,
    ),
    "forges_missing_names": forged_missing_names("('missing', [np.ones(2)])", "passed"),
    "forges_that_it_needed_help": wrong(
        "    return 0 * x",
        FIND + "lent = lambda *_: ('lent', ['double', 'tally'])\n"
        "defaults = lambda *_: ('defaults', ['epsilon', np.ones(3), 7])\n"
        "student.operations |= {'lend': lent, 'take_back': lent, 'use_defaults': defaults}",
        shown=FOUND,
    ),
    "earned_before_it_was_broken_off": Case(
        first=FIND,
        shown=FOUND,
        answers={"tally": "    channel.send(b'x')\n    return []"},
        expected={"double": "passed", "tally": "tampered", "pairs": "tampered"},
        status="tampered",
    ),
    "sends_file_descriptors": right(
        FIND + "import array, socket\n"
        "s = socket.socket(fileno=os.dup(descriptor))\n"
        "data = wire.encode((0,), None)\n",
        shown=FOUND,
    ),
    # Calling back.
    "call_back_storm": Case(
        answers={"tally": "    while True: f(1)"},
        expected={"tally": "timed_out"},
        seconds=1.5,
    ),
    "call_back_that_swallows_all": Case(
        answers={"tally": "    while True:\n        try: f(1)\n        except BaseException: pass"},
        expected={"tally": "timed_out", "others": _ANYTHING},
        seconds=1,
    ),
    "call_back_with_functions": Case(
        answers={"tally": "    return [f(f), f(print), f(tally)]"}, expected={"tally": NO_POINTS}
    ),
    "call_back_with_a_generator": Case(
        answers={"tally": "    return f(i for i in range(9))"}, expected={"tally": NO_POINTS}
    ),
    "call_back_with_objects": Case(
        answers={
            "tally": "    class O:\n        def __iter__(self): return iter([1])\n"
            "        def __call__(self, *_): return f(self)\n"
            "        def __radd__(self, other): return f(self)\n"
            "        __rmul__ = __radd__\n"
            "    return f(O())"
        },
        expected={"tally": NO_POINTS},
    ),
    "call_back_with_odd_names": Case(
        answers={"tally": "    return f(**{'i': 1, 'x' * 10_000: 2})"},
        expected={"tally": NO_POINTS},
    ),
    "call_back_with_a_giant": Case(
        answers={"tally": "    return f(np.zeros(10**8))"}, expected={"tally": NO_POINTS}
    ),
    "call_back_when_the_call_is_over": right(
        "import threading, time\nlog = []\n"
        "def later(f):\n"
        "    time.sleep(0.05)\n"
        "    try: log.append(f(1))\n"
        "    except RuntimeError: log.append('over')\n",
        answers={
            "tally": "    threading.Thread(target=later, args=(f,)).start()\n"
            "    return [f(i) for i in range(n)]"
        },
        last="time.sleep(0.2); print(log)",
    ),
    "call_back_of_an_earlier_test": right(
        "kept = []",
        answers={
            "tally": "    kept.append(f)\n    return [f(i) for i in range(n)]",
            "pairs": "    try: kept[0](1)\n    except RuntimeError: print('over')\n"
            "    return zip(x, x[1:])",
        },
    ),
    "call_backs_from_threads": right(
        "from concurrent.futures import ThreadPoolExecutor",
        answers={
            "tally": "    with ThreadPoolExecutor(4) as pool: return list(pool.map(f, range(n)))"
        },
    ),
    "call_backs_one_by_one": right(answers={"tally": "    return list(map(f, np.arange(n)))"}),
    "call_backs_while_iterated": Case(
        answers={"tally": "    return map(f, range(n))"},
        expected={"tally": {"passed", "failed"}},
    ),
    "iterator_that_never_ends": Case(
        answers={"pairs": "    while True: yield 1, 2"}, expected={"pairs": "failed"}
    ),
    "iterator_that_yields_nothing": Case(
        answers={"pairs": "    while True: pass\n    yield 1"},
        expected={"pairs": "timed_out"},
        seconds=1,
    ),
    "iterator_that_yields_itself": Case(
        answers={"pairs": "    g = (g for _ in range(3))\n    return g"},
        expected={"pairs": NO_POINTS},
    ),
    "iterator_that_raises": Case(
        answers={"pairs": "    yield 1, 2\n    raise StopIteration"},
        expected={"pairs": NO_POINTS},
    ),
}

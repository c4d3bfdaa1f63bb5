"""Getting out of the walls, using up the machine, staying on."""

import platform

from autograder.sandbox.inside import system_call_filter
from tests.attacks.case import NO_POINTS, Case, right, wrong

_ANYTHING = NO_POINTS | {"passed"}

CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    if not os.fork():
        got = libc.syscall(*map(ctypes.c_long, arguments))
        os._exit(1 if got == -1 else 0)
    return os.waitstatus_to_exitcode(os.wait()[1])
"""


def number(name):
    """The number of a system call on this machine."""
    calls = system_call_filter.DENIED_CALLS | {
        "clone": system_call_filter.CLONE,
        "setuid": (105, 146),
    }
    return calls[name][platform.machine() == "aarch64"]


def refused(name, arguments):
    """A system call that a child tries: it must fail, and the rest must go on."""
    call = f"call({number(name)}, {arguments})"
    return right(CALL + f"print('allowed' if {call} == 0 else 'refused')", shown="refused")


def fatal(line):
    """A system call in the student's process itself: the end, as tampered."""
    return Case(
        first=f"import ctypes, os\nlibc = ctypes.CDLL(None)\n{line}",
        expected={"others": "tampered"},
        status="tampered",
    )


CASES = {
    # Out of the walls.
    "ptrace": fatal("libc.ptrace(16, 1, 0, 0)"),
    "new_user_namespace": fatal("libc.unshare(0x10000000)"),
    "mounts": fatal("libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)"),
    "chroot": fatal("os.mkdir('a'); libc.chroot(b'a')"),
    "enters_another_namespace": fatal("libc.setns(os.open('/proc/self/ns/net', 0), 0)"),
    "clones_into_namespaces": fatal(
        f"libc.syscall({number('clone')}, 0x10000000 | 17, 0, 0, 0, 0)"
    ),
    "io_uring": refused("io_uring_setup", "8, 0"),
    "keyctl": refused("keyctl", "0, -3, 1"),
    "bpf": refused("bpf", "0, 0, 0"),
    "reads_another_process": refused("process_vm_readv", "1, 0, 0, 0, 0, 0"),
    "kernel_log": refused("syslog", "3, 0, 0"),
    "set_user_id": refused("setuid", "0"),
    "memory_of_nobody": refused("memfd_create", "0, 0"),
    "writes_to_the_first_process": right(
        "for name in ('mem', 'environ', 'maps', 'root/etc', 'fd/2', 'cwd'):\n"
        "    try: print('opened', open(f'/proc/1/{name}', 'r+b' if name == 'mem' else 'rb'))\n"
        "    except OSError as error: print('refused')",
        shown="refused",
        hidden="opened",
    ),
    "kills_all_it_can": right(
        "import os, signal\n"
        "for process in (1, os.getppid(), -1):\n"
        "    try: os.kill(process, signal.SIGKILL)\n"
        "    except OSError: pass",
    ),
    "kills_its_group": Case(
        answers={"tally": "    os.kill(0, 9)"},
        first="import os",
        expected={"double": "passed", "tally": "crashed", "pairs": "passed"},
        status="crashed",
    ),
    "leaves_in_silence": Case(
        answers={"tally": "    import os; os._exit(0)"},
        expected={"tally": "crashed"},
        status="crashed",
    ),
    "leaves_like_the_filter": Case(
        answers={"pairs": "    import os; os._exit(159)"},
        expected={"pairs": "crashed"},
        status="crashed",
    ),
    "segmentation_fault": Case(
        answers={"pairs": "    import ctypes; ctypes.string_at(0)"},
        expected={"pairs": "crashed"},
        status="crashed",
    ),
    # The network.
    "connects": right(
        "import socket\n"
        "def attempt(family, kind, address):\n"
        "    try:\n"
        "        with socket.socket(family, kind) as s:\n"
        "            s.settimeout(1); s.connect(address); s.send(b'x'); print('connected')\n"
        "    except OSError as error: print('refused')\n"
        "INET, STREAM, DATAGRAM = socket.AF_INET, socket.SOCK_STREAM, socket.SOCK_DGRAM\n"
        "import json, os; there = json.load(open('listening.json')); port = there['port']\n"
        "attempt(INET, STREAM, ('127.0.0.1', port)); attempt(INET, STREAM, ('10.0.0.1', 80))\n"
        "attempt(INET, DATAGRAM, ('127.0.0.1', port)); attempt(INET, DATAGRAM, ('8.8.8.8', 53))\n"
        "attempt(socket.AF_UNIX, STREAM, there['name'])\n"
        "attempt(socket.AF_UNIX, STREAM, '/run/docker.sock')\n"
        "try: print('connected', socket.getaddrinfo('example.org', 80))\n"
        "except OSError: print('refused')\n",
        shown="refused",
        hidden="connected",
    ),
    "downloads": right(
        "import urllib.request\n"
        "try: urllib.request.urlopen('http://example.org', timeout=2)\n"
        "except OSError as error: print('no network')",
        shown="no network",
    ),
    # Reading.
    "reads_what_is_not_its_own": right(
        "import json, os\n"
        "SYSTEMS = ('.venv', 'site-packages', 'lib', 'usr', 'proc', 'dev')\n"
        "names = ['/etc/shadow', '/root', '/home', '/var', '/run', '/proc/1/environ', '..',\n"
        "         '/old', '/proc/self/environ', '../..', '/tmp', os.path.expanduser('~'), '/srv']\n"
        "names += json.load(open('folders.json'))\n"
        "seen = []\n"
        "for name in names:\n"
        "    folders = os.walk(name) if os.path.isdir(name) else [(name, [], [''])]\n"
        "    for folder, below, files in folders:\n"
        "        below[:] = [n for n in below if n not in SYSTEMS]\n"
        "        for file in files:\n"
        "            path = os.path.join(folder, file) if file else folder\n"
        "            try: data = open(path, 'rb').read(1_000_000)\n"
        "            except OSError: continue\n"
        "            if b'hidden-from' + b'-students' in data: seen.append(path)\n"
        "print('leaked' if seen else 'clean', seen, os.environ.get('SECRET_OF_THE_GRADER'))",
        shown="clean [] None",
    ),
    "follows_links_out": right(
        "import json, os\n"
        "for target in ('/proc/1/root', '/proc/self/root/../..', '/proc/self/cwd/../../..',\n"
        "               *json.load(open('folders.json'))):\n"
        "    os.symlink(target, 'link')\n"
        "    for name in ('gradebook.db', 'source', 'submitted'):\n"
        "        if os.path.exists(f'link/{name}'): print('leaked', target, name)\n"
        "    os.unlink('link')\n"
        "print('searched')",
        shown="searched",
        hidden="leaked",
    ),
    "looks_for_the_graders_folders": right(
        "import gc, sys\n"
        "found, frame = [], sys._getframe()\n"
        "while frame:\n"
        "    found.append(frame.f_locals)\n    frame = frame.f_back\n"
        "found += [thing for thing in gc.get_objects() if type(thing) is dict]\n"
        "known = {'base', 'files', 'secrets', 'cores'}\n"
        "print('leaked' if any(known <= set(one) for one in found) else 'clean')",
        shown="clean",
        hidden="leaked",
    ),
    "sees_no_other_process": right(
        "import os\n"
        "there = os.listdir('/proc') if os.path.isdir('/proc') else []\n"
        "ours = [name for name in there if name.isdigit()]\n"
        "print('few' if len(ours) <= 3 else ours)",
        shown="few",
    ),
    # Writing.
    "writes_outside": right(
        "import json, os, sys, numpy, course\n"
        "places = [numpy.__path__[0], course.__path__[0], sys.prefix, '/usr', '/etc', '/']\n"
        "places += [os.path.dirname(p) for p in sys.path if p.startswith('/')]\n"
        "places += json.load(open('folders.json'))\n"
        "for place in places:\n"
        "    if place in ('', '/tmp', os.getcwd(), os.path.dirname(os.getcwd())): continue\n"
        "    try: open(os.path.join(place, 'left.py'), 'w'); print('wrote', [place])\n"
        "    except OSError: pass\n"
        "print('tried')",
        shown="tried",
        hidden="wrote",
    ),
    # Using up.
    "memory": Case(
        answers={"tally": "    a = []\n    while True: a.append(np.ones(2_000_000))"},
        expected={"double": "passed", "tally": {"out_of_memory", "error"}, "pairs": _ANYTHING},
    ),
    "memory_at_once": Case(
        answers={"tally": "    return np.ones(10**12)"},
        expected={"double": "passed", "tally": "out_of_memory", "pairs": "passed"},
        status="out_of_memory",
    ),
    "memory_in_children": Case(
        answers={
            "tally": "    import os, time\n    for _ in range(10):\n        if not os.fork():\n"
            "            a = np.ones(20_000_000); time.sleep(60)\n"
            "    time.sleep(60)"
        },
        expected={"tally": {"out_of_memory", "timed_out"}, "pairs": _ANYTHING},
        seconds=10,
    ),
    "memory_that_is_shared": right(  # none of its pages need be in any process's tables
        "import mmap, os\n"
        "def attempt(file):\n"
        "    try: mmap.mmap(file, 4096); print('mapped')\n"
        "    except OSError: print('refused')\n"
        "attempt(-1); attempt(os.open('/dev/zero', os.O_RDWR))\n"
        "mmap.mmap(-1, 4096, mmap.MAP_PRIVATE)\n"
        "print('zeros' if open('/dev/zero', 'rb').read(3) == bytes(3) else 'none')",
        shown="zeros",
        hidden="mapped",
    ),
    "memory_in_tables_of_pages": Case(
        answers={
            "tally": "    import mmap\n    how = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000\n"
            "    m = mmap.mmap(-1, 2**39, how, mmap.PROT_READ)\n"
            "    return [m[i] for i in range(0, len(m), 2**21)]"
        },
        expected={"tally": "out_of_memory"},
        seconds=20,
    ),
    "files_as_memory": right(
        "import os\n"
        "for folder in ('/dev/shm', '/tmp', os.path.expanduser('~')):\n"
        "    try:\n"
        "        with open(f'{folder}/big', 'wb') as file:\n"
        "            for _ in range(1000): file.write(bytes(1_000_000))\n"
        "        print('unlimited')\n"
        "    except OSError as error: print('limited')",
        shown="limited",
        hidden="unlimited",
    ),
    "many_small_files": right(
        "try:\n    for i in range(100_000): open(f'{i}', 'w').close()\n    print('unlimited')\n"
        "except OSError: print('limited')",
        hidden="unlimited",
    ),
    "open_files": right(
        "files = []\ntry:\n    while True: files.append(open('/dev/null'))\n"
        "except OSError: print('limited')\nfor file in files: file.close()",
        shown="limited",
    ),
    "terminals": right(
        "import os, pty\nopened = []\n"
        "try:\n    while len(opened) < 100: opened += pty.openpty()\n    print('unlimited')\n"
        "except OSError: print('limited')\nfor one in opened: os.close(one)",
        last="!echo it still has one",
        shown="limited",
        hidden="unlimited",
    ),
    "watches": refused("inotify_init1", "0"),
    "hides_what_it_has": right(
        "import ctypes\nprint('refused' if ctypes.CDLL(None).prctl(4, 0, 0, 0, 0) else 'hidden')",
        shown="refused",
    ),
    "fork_bomb": right(
        "import os, time\n"
        "try:\n"
        "    for _ in range(5_000):\n"
        "        if not os.fork(): time.sleep(60); os._exit(0)\n"
        "    print('unlimited')\n"
        "except OSError: print('limited')",
        shown="limited",
    ),
    "fork_storm_in_an_answer": Case(  # each of its processes goes on where it was forked
        answers={
            "tally": "    import os\n    while True:\n        try: os.fork()\n"
            "        except OSError: break"
        },
        expected={"double": "passed", "tally": NO_POINTS, "pairs": "passed"},
        seconds=1.5,
    ),
    "output_flood": right(
        "for _ in range(200_000): print('x' * 100)\n"
        "import os, sys\nos.write(1, b'y' * 20_000_000)\nsys.stderr.write('z' * 20_000_000)"
    ),
    "output_flood_by_commands": right("!yes | head -c 3000000"),
    "pictures_without_end": right(
        "from IPython.display import HTML, display\n"
        "for _ in range(2_500): display(HTML('<b>' + 'x' * 3_000))"
    ),
    "tiny_outputs_without_end": right(
        "get_ipython().record.outputs += [(None, {'output_type': 'stream',\n"
        "    'name': ('stdout', 'stderr')[i % 2], 'parts': ['x']}) for i in range(90_000)]",
        last="get_ipython().record.outputs += [(None, {'output_type': 'error', 'ename': 'x',\n"
        "    'evalue': '', 'traceback': ['x'] * 100_000}), (None, {'output_type': 'display_data',\n"
        "    'data': {f'text/{i}': '' for i in range(100_000)}})]",
        shown="stderr",
    ),
    # Time.
    "sleeps": Case(
        answers={"double": "    import time; time.sleep(60)"},
        expected={"double": "timed_out"},
        seconds=1,
    ),
    "loops": Case(
        answers={"double": "    while True: pass"}, expected={"double": "timed_out"}, seconds=1
    ),
    "loops_in_a_cell": Case(
        first="while True: pass", expected={"others": "passed"}, status="timed_out", seconds=1.5
    ),
    "loops_in_native_code": Case(
        answers={"tally": "    import itertools; return sum(itertools.repeat(1))"},
        expected={"double": "passed", "tally": "timed_out", "pairs": "passed"},
        seconds=1.5,
    ),
    "ignores_signals": Case(
        first="import signal\n"
        "for n in range(1, 65):\n"
        "    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n",
        answers={"tally": "    while True: pass"},
        expected={"double": "passed", "tally": "timed_out", "pairs": "passed"},
        seconds=1.5,
    ),
    "stops_itself": Case(
        answers={"tally": "    import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"},
        expected={"tally": "timed_out", "pairs": "passed"},
        seconds=1.5,
    ),
    # Staying on.
    "threads_that_go_on": right(
        "import threading\n"
        "def spin():\n    while True: sum(range(1000))\n"
        "for _ in range(3): threading.Thread(target=spin, daemon=True).start()",
    ),
    "daemons_that_detach": right(
        "import os, subprocess\n"
        "subprocess.Popen(['sleep', '98765'], start_new_session=True)\n"
        "if not os.fork():\n"
        "    os.setsid()\n"
        "    if not os.fork(): os.execvp('sleep', ['sleep', '98765'])\n"
        "    os._exit(0)"
    ),
    "exit_hooks": right(
        "import atexit, os\n"
        "@atexit.register\ndef late():\n    open('/tmp/late', 'w').write('x')\n    while True: pass"
    ),
    # What imports find.
    "modules_of_its_own_beside_it": wrong(
        "    return 0 * x",
        "import os, site\n"
        "for name in ('numpy', 'course', 'sitecustomize', 'autograder', 'tests'):\n"
        "    open(f'{name}.py', 'w').write('raise SystemExit(0)')\n"
        "os.makedirs(os.path.expanduser('~/.ipython/profile_default/startup'), exist_ok=True)\n"
        "open(os.path.expanduser('~/.ipython/profile_default/startup/a.py'), 'w').write('1/0')\n"
        "os.makedirs(site.getusersitepackages(), exist_ok=True)\n"
        "open(site.getusersitepackages() + '/a.pth', 'w').write('import os; os._exit(0)')\n",
        double_is="failed",
    ),
}

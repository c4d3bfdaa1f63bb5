"""The system calls that a student's process may make, and those that it may not.

A call in no list here fails as if the kernel lacked it, as a new call does on an older kernel: an
honest notebook then does without it, and a call that nobody thought of opens nothing.
`python -m tests.record_system_calls COMMAND` says which calls a command makes that are in no list.
"""

# What notebooks need, by what it is for: each call with its numbers for x86_64 and aarch64, where
# it has one. Where one form of a call is needed, so are the others: other libraries take those.
_ALLOWED = """
# What is open: read, write, copy, close.
read:0:63  write:1:64  readv:19:65  writev:20:66  pread64:17:67  pwrite64:18:68
preadv:295:69  pwritev:296:70  preadv2:327:286  pwritev2:328:287  lseek:8:62
sendfile:40:71  splice:275:76  tee:276:77  copy_file_range:326:285  close:3:57
close_range:436:436  dup:32:23  dup2:33:-  dup3:292:24  fcntl:72:25  ioctl:16:29
flock:73:32  pipe:22:-  pipe2:293:59  fsync:74:82  fdatasync:75:83  sync:162:81
sync_file_range:277:84  syncfs:306:267  readahead:187:213  fadvise64:221:223
fallocate:285:47  truncate:76:45  ftruncate:77:46

# Files and folders: open, look at, make, rename, delete.
open:2:-  openat:257:56  openat2:437:437  creat:85:-  stat:4:-  lstat:6:-  fstat:5:80
newfstatat:262:79  statx:332:291  statfs:137:43  fstatfs:138:44  access:21:-
faccessat:269:48  faccessat2:439:439  getdents:78:-  getdents64:217:61  getcwd:79:17
chdir:80:49  fchdir:81:50  mkdir:83:-  mkdirat:258:34  rmdir:84:-  mknod:133:-
mknodat:259:33  link:86:-  linkat:265:37  symlink:88:-  symlinkat:266:36  readlink:89:-
readlinkat:267:78  unlink:87:-  unlinkat:263:35  rename:82:-  renameat:264:38
renameat2:316:276  umask:95:166  chmod:90:-  fchmod:91:52  fchmodat:268:53
fchmodat2:452:452  chown:92:-  lchown:94:-  fchown:93:55  fchownat:260:54  utime:132:-
utimes:235:-  futimesat:261:-  utimensat:280:88  getxattr:191:8  lgetxattr:192:9
fgetxattr:193:10  listxattr:194:11  llistxattr:195:12  flistxattr:196:13  setxattr:188:5
lsetxattr:189:6  fsetxattr:190:7  removexattr:197:14  lremovexattr:198:15
fremovexattr:199:16

# Memory of the process's own; `mmap` is looked at more closely.
brk:12:214  mmap:9:222  munmap:11:215  mremap:25:216  mprotect:10:226  madvise:28:233
msync:26:227  mincore:27:232  mlock:149:228  mlock2:325:284  munlock:150:229
mlockall:151:230  munlockall:152:231  membarrier:324:283  mbind:237:235
get_mempolicy:239:236  set_mempolicy:238:237  pkey_alloc:330:289  pkey_free:331:290
pkey_mprotect:329:288  map_shadow_stack:453:453

# Processes and threads; `clone` and `prctl` are looked at more closely.
fork:57:-  vfork:58:-  execve:59:221  execveat:322:281  exit:60:93  exit_group:231:94
wait4:61:260  waitid:247:95  getpid:39:172  getppid:110:173  gettid:186:178
getpgid:121:155  getpgrp:111:-  setpgid:109:154  getsid:124:156  setsid:112:157
set_tid_address:218:96  set_robust_list:273:99  get_robust_list:274:100  futex:202:98
futex_waitv:449:449  futex_wake:454:454  futex_wait:455:455  futex_requeue:456:456
rseq:334:293  arch_prctl:158:-  prctl:157:167  restart_syscall:219:128
pidfd_open:434:434  pidfd_send_signal:424:424  sched_yield:24:124
sched_getaffinity:204:123  sched_getscheduler:145:120  sched_setscheduler:144:119
sched_getparam:143:121  sched_setparam:142:118  sched_getattr:315:275
sched_get_priority_max:146:125  sched_get_priority_min:147:126
sched_rr_get_interval:148:127  getpriority:140:141  setpriority:141:140
ioprio_get:252:31  ioprio_set:251:30  getcpu:309:168

# Signals.
kill:62:129  tkill:200:130  tgkill:234:131  pause:34:-  alarm:37:-  getitimer:36:102
setitimer:38:103  sigaltstack:131:132  rt_sigaction:13:134  rt_sigprocmask:14:135
rt_sigreturn:15:139  rt_sigpending:127:136  rt_sigtimedwait:128:137
rt_sigqueueinfo:129:138  rt_tgsigqueueinfo:297:240  rt_sigsuspend:130:133
signalfd:282:-  signalfd4:289:74

# Time.
time:201:-  times:100:153  gettimeofday:96:169  clock_gettime:228:113
clock_getres:229:114  clock_nanosleep:230:115  nanosleep:35:101  timer_create:222:107
timer_settime:223:110  timer_gettime:224:108  timer_getoverrun:225:109
timer_delete:226:111  timerfd_create:283:85  timerfd_settime:286:86
timerfd_gettime:287:87

# Waiting for several things.
poll:7:-  ppoll:271:73  select:23:-  pselect6:270:72  epoll_create:213:-
epoll_create1:291:20  epoll_ctl:233:21  epoll_wait:232:-  epoll_pwait:281:22
epoll_pwait2:441:441  eventfd:284:-  eventfd2:290:19

# Sockets, which lead nowhere: asyncio, multiprocessing and subprocess wake each other by them;
# `socket` and `setsockopt` are looked at more closely.
socketpair:53:199  bind:49:200  connect:42:203  listen:50:201  accept:43:202
accept4:288:242  getsockname:51:204  getpeername:52:205  sendto:44:206  recvfrom:45:207
sendmsg:46:211  recvmsg:47:212  sendmmsg:307:269  recvmmsg:299:243  shutdown:48:210
getsockopt:55:209

# Who and where the process is.
getuid:102:174  geteuid:107:175  getgid:104:176  getegid:108:177  getresuid:118:148
getresgid:120:150  getgroups:115:158  capget:125:90  uname:63:160  sysinfo:99:179
getrusage:98:165  getrlimit:97:163  setrlimit:160:164  prlimit64:302:261
getrandom:318:278
"""
ALLOWED_CALLS = {
    name: tuple(None if number == "-" else int(number) for number in numbers)
    for line in _ALLOWED.splitlines()
    if not line.startswith("#")
    for name, *numbers in (call.split(":") for call in line.split())
}

# System calls that serve to break out and that no notebook makes by accident: each ends the
# process. Numbers for x86_64 and aarch64.
FATAL_CALLS = {
    "ptrace": (101, 117),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
}
# System calls that fail as if the kernel lacked them: libraries then do without.
DENIED_CALLS = {
    "process_vm_readv": (310, 270),
    "syslog": (103, 116),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "name_to_handle_at": (303, 264),
    "kcmp": (312, 272),
    "quotactl": (179, 60),
    "sched_setaffinity": (203, 122),  # a submission keeps to the cores that it was given
    # Memory that belongs to no process, so that no limit counts it.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "inotify_init1": (294, 26),  # a user has few of them, also outside
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "clone3": (435, 435),  # hides its flags from a filter; the C library then takes clone
}
CLONE, SOCKET, PROCESS_CONTROL, MAP = (56, 220), (41, 198), (157, 167), (9, 222)
# Memory that is shared and belongs to no file: no process has to have its pages in its tables, and
# then no limit counts them.
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
CONTROLS = (4, 62)  # to hide from the grader what it has, and to keep others from its core
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SET_SOCKET_OPTION = (54, 208)
SOCKET_LEVEL, BUFFER_SIZES = 1, (7, 8, 32, 33)  # what is in these counts as nobody's memory
FAMILIES = (38, 40)  # the kernel's ciphers, and sockets to the host of a virtual machine

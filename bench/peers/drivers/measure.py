"""measure.py REPORT COMMAND...: runs COMMAND and writes what it cost as JSON to REPORT.

Node cannot ask the system what a child it started has used; wait4 can. The figures are the system's: CPU seconds of
all threads of the command and of the children it waited for, wall seconds, and the largest resident size of one
process. A process counts its parent's size until it starts its own program, so this file imports next to nothing.
"""

import json
import os
import sys
import time

report, command = sys.argv[1], sys.argv[2:]
start = time.monotonic()
child = os.fork()
if child == 0:
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"cannot run {command[0]}: {error}", file=sys.stderr)
        os._exit(127)
_, status, usage = os.wait4(child, 0)
with open(report, "w", encoding="utf-8") as out:
    json.dump(
        {
            "exit": os.waitstatus_to_exitcode(status),
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            "wallSeconds": time.monotonic() - start,
            "peakBytes": usage.ru_maxrss * 1024,  # Linux counts in KiB
        },
        out,
    )

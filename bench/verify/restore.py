"""Puts the data of a running application back: `restore.py DATABASE [SCRIPT]`, then one line of input for each time.

The data is that which the script (SQL) leaves, else what the application has made when it started. SQLite itself copies it, so that
the application may keep the database open.
"""

import sqlite3
import sys

database, *script = sys.argv[1:]
start = sqlite3.connect(':memory:')
live = sqlite3.connect(database, timeout=10)
if script:
    with open(script[0], encoding='utf-8') as file:
        live.executescript('BEGIN;' + file.read() + 'COMMIT;')
live.backup(start)
live.close()
print('ready', flush=True)
for _ in sys.stdin:
    live = sqlite3.connect(database, timeout=10)
    start.backup(live)
    live.close()
    print('done', flush=True)

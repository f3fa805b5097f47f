/** Modules of Python's standard library that applications like to name files of their own after. */
export const STANDARD_MODULES: ReadonlySet<string> = new Set(
  (
    'abc argparse array ast asyncio base64 binascii bisect calendar cmd code codecs collections colorsys concurrent contextlib ' +
    'contextvars copy csv ctypes dataclasses datetime decimal difflib email enum errno fcntl filecmp fractions functools gc getpass ' +
    'gettext glob graphlib gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword locale ' +
    'logging lzma mailbox math mimetypes multiprocessing numbers operator os parser pathlib pickle pkgutil platform plistlib pprint ' +
    'profile queue random re resource sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver ' +
    'sqlite3 ssl stat statistics string struct subprocess symtable sys syslog sysconfig tarfile tempfile test textwrap threading time ' +
    'timeit token tokenize trace traceback types typing unicodedata unittest urllib uuid venv warnings weakref xml zipfile zlib zoneinfo'
  ).split(' '),
);

"""Running servers -> what is seen on them: numbers, and patterns of keys. Each kind of server is a module, imported
on first use: it needs the extra ``live``.
"""

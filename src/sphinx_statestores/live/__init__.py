"""Running servers -> what is seen on them: numbers, and patterns of keys.

Each kind of server is a module that needs a package of the extra ``live``, and is imported when one is read.
"""

"""What the fuzz tests are made of: how many examples they try, and what they are tried with.

A fuzz test is named `test_<module>_fuzz.py` and says what holds for anything that comes from outside. The
same examples are tried each time; RESYNC_FUZZ_EXAMPLES sets how many, and then they are others each time.
"""

"""What a student handed in (folder, archive, one file) as a checked tree of bytes in memory.

Nothing is written to disk and nothing is followed: hostile uploads are refused with one sentence, honest
oddities of LMS, macOS and Windows archives pass.
"""

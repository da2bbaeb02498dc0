"""The whole story, told by the programs themselves: `local` on a laptop, `__main__` on a cluster."""

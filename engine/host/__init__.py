"""An engine in a process of its own: what goes over the pipes, the child's loop, and the proxy that owns it.

Because then ending it returns every byte of GPU memory, a crash is a restart, and Cancel always works.
"""

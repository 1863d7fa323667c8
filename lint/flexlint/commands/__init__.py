"""One module a command: what the user typed in, the library called, output written, the exit status out."""

// A library of headers alone still needs a source file.

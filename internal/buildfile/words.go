package buildfile

// isNameByte reports whether c can be in the name of a variable.
func isNameByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isWordByte reports whether c, beside the name of a program, makes it that of another.
func isWordByte(c byte) bool { return isNameByte(c) || c == '-' || c == '.' || c >= 0x80 }

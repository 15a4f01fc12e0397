package reading

// Settings are labels, secrets and the like, which decide nothing about the base. A value that is not known is
// left out.
type Settings struct {
	Labels map[string]string // of the image
	Secret []string          // as docker build --secret takes them; sources are paths from the root
	SSH    []string          // as docker build --ssh takes them

	// Open are the build arguments that are the value of a variable which the build file leaves to the
	// environment, by their names, with the name of the variable.
	Open map[string]string
}

package reading

// Settings are what a build is run with besides what decides on what it is based on. What is not known of
// them is left out.
type Settings struct {
	Labels map[string]string // of the image
	Secret []string          // as docker build --secret takes them; sources are paths from the root
	SSH    []string          // as docker build --ssh takes them

	// Open are the build arguments that are the value of a variable which the build file leaves to the
	// environment, by their names, with the name of the variable.
	Open map[string]string
}

package buildfile

import "testing"

// Where a command is after a cd, in a program that is started in a directory. Outside of
// the repository nothing is one of its files, whatever it is called.
func TestDirectories(t *testing.T) {
	for _, tc := range []struct{ cwd, cd, start, want string }{
		{startDir, "app", ".", "app"},
		{startDir, "app", "docker", "docker/app"},
		{startDir, "..", "docker/app", "docker"},
		{startDir, "../..", "docker/app", "."},
		{startDir, "../../..", "docker/app", ""},
		{startDir, "..", ".", ""},
		{startDir, "../docker", ".", ""},
		{startDir, "../docker", "app", "docker"},
		{startDir, "..docker", ".", "..docker"},
		{rootDir, ".", "docker", "."},
		{rootDir, "app", "docker", "app"},
		{rootDir, "..", "docker", ""},
		{rootDir, "../app", "docker", ""},
		{rootDir, "app/../..", "docker", ""},
		{rootDir + "/app", "..", "docker", "."},
		{rootDir + "/app", rootDir + "/web", "docker", "web"},
		{rootDir + "/app", startDir + "/web", "docker", "docker/web"},
		{startDir, "/app", ".", ""},
		{startDir, "~/app", ".", ""},
		{startDir, "https://example.com/app", ".", ""},
		{startDir, "app/" + unknown, ".", ""},
		{unknown, "app", ".", ""},
	} {
		got, ok := settle(enter(tc.cwd, tc.cd), tc.start)
		if ok != (tc.want != "") || ok && got != tc.want {
			t.Errorf("from %q to %q, started in %s: %q, %v; want %q", tc.cwd, tc.cd, tc.start, got, ok, tc.want)
		}
	}
}

package reading

import "testing"

// Where a command is after a cd, in a program that is started in a directory. Outside of
// the repository nothing is one of its files, whatever it is called.
func TestDirectories(t *testing.T) {
	for _, tc := range []struct{ cwd, cd, start, want string }{
		{StartDir, "app", ".", "app"},
		{StartDir, "app", "docker", "docker/app"},
		{StartDir, "..", "docker/app", "docker"},
		{StartDir, "../..", "docker/app", "."},
		{StartDir, "../../..", "docker/app", ""},
		{StartDir, "..", ".", ""},
		{StartDir, "../docker", ".", ""},
		{StartDir, "../docker", "app", "docker"},
		{StartDir, "..docker", ".", "..docker"},
		{RootDir, ".", "docker", "."},
		{RootDir, "app", "docker", "app"},
		{RootDir, "..", "docker", ""},
		{RootDir, "../app", "docker", ""},
		{RootDir, "app/../..", "docker", ""},
		{RootDir + "/app", "..", "docker", "."},
		{RootDir + "/app", RootDir + "/web", "docker", "web"},
		{RootDir + "/app", StartDir + "/web", "docker", "docker/web"},
		{StartDir, "/app", ".", ""},
		{StartDir, "~/app", ".", ""},
		{StartDir, "https://example.com/app", ".", ""},
		{StartDir, "app/" + Unknown, ".", ""},
		{Unknown, "app", ".", ""},
	} {
		got, ok := Locate(ChangeDir(tc.cwd, tc.cd), tc.start)
		if ok != (tc.want != "") || ok && got != tc.want {
			t.Errorf("from %q to %q, started in %s: %q, %v; want %q", tc.cwd, tc.cd, tc.start, got, ok, tc.want)
		}
	}
}

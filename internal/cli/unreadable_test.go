package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
)

// planning are the commands that need the content of what is to be edited.
var planning = [][]string{
	{"plan", "--base", "base@1.0.1"}, {"--base", "base@1.0.1", "--dry-run"}, {"affected", "--base", "base@1.0.1"}, {"--base", "base@1.0.1", "--publish", "branch"},
}

// A Dockerfile is edited by its content, and the cache does not replace that. Where the
// content is lost the file has an error, and the other files are edited.
func TestKnownDockerfileWhoseContentIsLost(t *testing.T) {
	t.Parallel()
	lost := "services/lost/Dockerfile"
	dir := gittest.Init(t, with(small(), lost, from("1.0.0")+"# lost\n"))
	warm := program{dir: dir, cache: gittest.TempDir(t), build: "a"}
	want := warm.run(t, "scan").want(t, 0)
	lose(t, dir, "HEAD:"+lost)
	if got := warm.run(t, "scan").want(t, 0); got != want {
		t.Errorf("a scan needs it: %+v", got)
	}
	for _, args := range planning {
		r := warm.run(t, args...).want(t, 3)
		r.says(t, "propagate: "+lost+": cannot be read: ", "the object is not in this repository [unreadable]\n", "hint: `git fsck` says what is broken", "services/a/Dockerfile", "services/b/Dockerfile")
	}
	if diff := gittest.Git(t, dir, "diff", "--name-only", "HEAD", baseBranch); diff != "services/a/Dockerfile\nservices/b/Dockerfile" {
		t.Errorf("the branch changes %q", diff)
	}
}

// A partial clone gets what is to be edited in one request. Without its remote, what is
// known of the files is enough for what does not edit them, and each is named otherwise.
func TestKnownPartialClone(t *testing.T) {
	t.Parallel()
	server := newGit(t)
	origin := gittest.Init(t, small())
	gittest.Git(t, origin, "push", "--quiet", server.AuthURL(), "HEAD:refs/heads/main")
	dir := filepath.Join(gittest.TempDir(t), "partial")
	clone := func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		gittest.Git(t, origin, "clone", "--quiet", "--filter=blob:none", "--no-checkout", server.AuthURL(), dir)
	}
	clone()
	warm := program{dir: dir, cache: gittest.TempDir(t), build: "a"}
	want := warm.run(t, "scan").want(t, 0)
	for _, args := range planning[:3] {
		clone()
		before := server.Fetches()
		warm.run(t, "scan").want(t, 0)
		if n := server.Fetches() - before; n != 0 {
			t.Errorf("a scan of what is known makes %d requests", n)
		}
		whole := in(origin).run(t, args...).want(t, 0)
		if got := warm.run(t, args...).want(t, 0); got.stdout != whole.stdout {
			t.Errorf("%v prints %s", args, got.stdout)
		}
		if n := server.Fetches() - before; n != 1 {
			t.Errorf("%v makes %d requests", args, n)
		}
	}
	clone()
	gittest.Git(t, dir, "config", "remote.origin.url", filepath.Join(dir, "nowhere"))
	if got := warm.run(t, "scan").want(t, 0); got != want {
		t.Errorf("a scan needs the remote: %+v", got)
	}
	for _, args := range planning {
		warm.run(t, args...).want(t, 3).says(t, "propagate: services/a/Dockerfile: cannot be read: ", "propagate: services/b/Dockerfile: cannot be read: ", "git cannot fetch it from origin", "hint: get the rest with `git fetch")
	}
}

// That a Dockerfile cannot be read is said before that no Dockerfile depends on an image:
// it may be the one that does.
func TestUnreadableBeforeUnknownImage(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, map[string]string{"other/Dockerfile": "FROM registry.example/team/other:1.0.0\n", "lost/Dockerfile": from("1.0.0")})
	lose(t, dir, "HEAD:lost/Dockerfile")
	for _, args := range planning {
		r := in(dir).run(t, args...).want(t, 2)
		lost, unknown := strings.Index(r.stderr, "propagate: lost/Dockerfile: cannot be read: "), strings.Index(r.stderr, "no Dockerfile depends on an image of this name")
		if lost < 0 || unknown < lost {
			t.Errorf("%v says %s", args, r.stderr)
		}
	}
}

// A build file that cannot be read leaves the answer incomplete, and what was found without
// it is not remembered.
func TestUnreadableBuildFile(t *testing.T) {
	t.Parallel()
	dir := gittest.Init(t, with(small(), "compose.yaml", "services: {a: {build: services/a, image: registry.example/team/a}}\n"))
	warm := program{dir: dir, cache: gittest.TempDir(t), build: "a"}
	id := gittest.Git(t, dir, "rev-parse", "HEAD:compose.yaml")
	blob := filepath.Join(dir, ".git", "objects", id[:2], id[2:])
	if err := os.Rename(blob, blob+".away"); err != nil {
		t.Fatal(err)
	}
	warm.run(t, "graph").want(t, 3).says(t, "propagate: compose.yaml: cannot be read: ", "hint: `git fsck`")
	if err := os.Rename(blob+".away", blob); err != nil {
		t.Fatal(err)
	}
	if got, want := warm.run(t, "graph", "-o", "json").want(t, 0).stdout, in(dir).run(t, "graph", "-o", "json", "--no-cache").stdout; got != want {
		t.Errorf("once it is back: %s\nwant: %s", got, want)
	}
}

// What in a directory is no file is waited for by nobody, and what cannot be read is named.
func TestDirectoryOfOddThings(t *testing.T) {
	t.Parallel()
	dir := plain(t, with(small(), "docker-bake.json", "{}", "huge/Dockerfile", from("1.0.0"), "huge/base/VERSION", "1.0.0\n"))
	for _, name := range []string{"pipe/Dockerfile", "pipe/compose.yaml", "pipe/VERSION", "pipe/.env", ".github/CODEOWNERS"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "pipe/docker-compose.yml", "services: {x: {build: ../services/a, env_file: VERSION, image: \"registry.example/team/x:${V}\"}}\n")
	for name, target := range map[string]string{"zero/Dockerfile": "/dev/zero", "links/a.Dockerfile": "b.Dockerfile", "links/b.Dockerfile": "a.Dockerfile", "links/pipe.Dockerfile": "../pipe/Dockerfile"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(dir, "huge/Dockerfile"), 8<<30); err != nil { // has no blocks
		t.Fatal(err)
	}
	r := in(dir).run(t, "plan", "--base", "base@1.0.1").want(t, 3)
	r.says(t, "propagate: huge/Dockerfile: cannot be read as a Dockerfile: it is larger than 1048576 bytes", "note: links/a.Dockerfile: it is a symbolic link that leads in a circle",
		"note: links/pipe.Dockerfile: it is a symbolic link to what is no regular file", "note: zero/Dockerfile: it is a symbolic link that leads out of the repository")
	in(dir).run(t, "plan", "--base", "base@1.0.1", "--group", "team").want(t, 1).says(t, "propagate: .github/CODEOWNERS: cannot be read: it is no regular file")
	if err := os.Remove(filepath.Join(dir, "huge/Dockerfile")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, ".propagate.yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	in(dir).run(t, "scan").want(t, 2).says(t, ".propagate.yaml: it is no regular file")
}

// A Dockerfile that BuildKit rejects is a note, if it names nothing that the bases reach:
// neither a patched base nor an image that is made on one.
func TestUnreadableThatNamesNothingOfIt(t *testing.T) {
	t.Parallel()
	const bad = "bad/Dockerfile"
	for _, test := range []struct {
		name, content string
		status        int
	}{
		{"another image", "FROM registry.example/team/other:1\nRUN <<EOF\n", 0},
		{"the base", from("1.0.0") + "RUN <<EOF\n", 3},
		{"an image on it", "FROM registry.example/team/derived:1\nRUN <<EOF\n", 3},
		{"binary", "\x7fELF\x02\x00\x01", 0},
		{"UTF-16", "F\x00R\x00O\x00M\x00 \x00t\x00e\x00a\x00m\x00/\x00b\x00a\x00s\x00e\x00", 3},
		{"too large to say", "FROM other\n" + strings.Repeat("#\n", 9<<20), 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := gittest.Init(t, with(small(), "bases/derived/Dockerfile", from("1.0.0"), "app/Dockerfile", "FROM registry.example/team/derived:1.0.0\n", bad, test.content))
			for _, args := range planning[:3] {
				r := in(dir).run(t, args...).want(t, test.status)
				if test.status == 0 {
					r.says(t, "note: "+bad, "cannot be read as a Dockerfile: ", "it names no image that the bases reach")
				} else {
					r.says(t, "propagate: "+bad)
				}
			}
			in(dir).run(t, "plan", "--strict", "--base", "base@1.0.1").want(t, 3)
			in(dir).run(t, "scan").want(t, 3)
		})
	}
}

// The cache is cut, emptied and removed while runs go on, again and again: all of them give
// the answer that there is without it.
func TestCacheIsCutMeanwhile(t *testing.T) {
	t.Parallel()
	e := newEdit(13)
	dir, cache := gittest.Init(t, e.files), gittest.TempDir(t)
	want := in(dir).run(t, questions[0]...)
	var runs, cutter sync.WaitGroup
	done := make(chan struct{})
	cutter.Go(func() {
		for n := int64(0); ; n++ {
			select {
			case <-done:
				return
			default:
			}
			stores, _ := filepath.Glob(filepath.Join(cache, "*"))
			for _, store := range stores {
				if info, err := os.Stat(store); err == nil {
					_ = os.Truncate(store, info.Size()*(n%4)/4)
				}
			}
		}
	})
	for range 3 {
		runs.Go(func() {
			p := program{dir: dir, cache: cache, build: "a"}
			for range 8 {
				if got := p.run(t, questions[0]...); got != want {
					t.Errorf("with a cache that is cut: %+v\nwant %+v", got, want)
				}
			}
		})
	}
	runs.Wait()
	close(done)
	cutter.Wait()
}

package engine_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/matihlabs/propagate/internal/engine"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/source"
)

// programs makes shell scripts, by name, and returns an environment that has them alone on PATH.
func programs(t *testing.T, scripts map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nHERE="+dir+"\nPATH=/usr/bin:/bin\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"PATH=" + dir, "HERE=" + dir}
}

func TestFind(t *testing.T) {
	t.Parallel()
	const works, fails = "exit 0\n", "exit 1\n"
	for _, test := range []struct {
		name     string
		scripts  map[string]string
		kind     engine.Kind
		program  string
		isBuildx bool
		err      string
	}{
		{name: "docker has buildx", scripts: map[string]string{"docker": `test "$*" = "buildx version"`, "buildx": works, "buildctl": works}, kind: engine.Auto, program: "docker buildx", isBuildx: true},
		{name: "docker has none", scripts: map[string]string{"docker": fails, "buildx": works, "buildctl": works}, kind: engine.Auto, program: "buildx", isBuildx: true},
		{name: "no docker", scripts: map[string]string{"buildx": works}, kind: engine.Buildx, program: "buildx", isBuildx: true},
		{name: "BuildKit alone", scripts: map[string]string{"docker": fails, "buildctl": works}, kind: engine.Auto, program: "buildctl"},
		{name: "BuildKit is asked for", scripts: map[string]string{"docker": works, "buildctl": works}, kind: engine.Buildctl, program: "buildctl"},
		{name: "nothing", kind: engine.Auto, err: "there is neither docker buildx nor buildx nor buildctl on PATH: nothing can be built"},
		{name: "no buildx", scripts: map[string]string{"docker": fails, "buildctl": works}, kind: engine.Buildx, err: "there is neither docker buildx nor buildx on PATH: nothing can be built"},
		{name: "no buildctl", scripts: map[string]string{"docker": works}, kind: engine.Buildctl, err: "there is no buildctl on PATH: nothing can be built"},
	} {
		p, err := engine.Find(t.Context(), test.kind, programs(t, test.scripts))
		if test.err != "" {
			if err == nil || err.Error() != test.err || !strings.Contains(source.Hint(err), "install") {
				t.Errorf("%s: it is %v, %v", test.name, p, err)
			}
			continue
		}
		if err != nil || p.String() != test.program || (p.Kind == engine.Buildx) != test.isBuildx {
			t.Errorf("%s: it is %v of kind %s, %v", test.name, p, p.Kind, err)
		}
	}
}

// pushed is a registry that has what a script has written into a file: a line "TAG DIGEST" for each push.
type pushed struct{ file string }

func (p pushed) Digest(_ context.Context, reference string) (string, error) {
	data, _ := os.ReadFile(p.file)
	for _, line := range slices.Backward(strings.Split(string(data), "\n")) {
		if digest, ok := strings.CutPrefix(line, reference+" "); ok {
			return digest, nil
		}
	}
	return "", registry.ErrNoTag
}

// bases are three targets, one on another, and one by itself.
func bases() []engine.Target {
	return []engine.Target{
		{Name: "os", Context: "os", Dockerfile: "os/Dockerfile", Tags: []string{"reg/os:1.0.0"}},
		{Name: "tool", Context: ".", Dockerfile: "bake.hcl#tool", Inline: "FROM inline\n", Tags: []string{"reg/tool:1.0.0"}},
		{Name: "java", Context: "java", Dockerfile: "java/Dockerfile", Tags: []string{"reg/java:2.0.0"}, Needs: []string{"os"}},
	}
}

// build runs a job of the bases, and of more targets, with a program that is a script. What it returns beside the results is what the program has said.
func build(ctx context.Context, t *testing.T, kind engine.Kind, script string, more ...engine.Target) (results, said string, err error) {
	t.Helper()
	env := programs(t, map[string]string{string(kind): script})
	p, err := engine.Find(ctx, kind, env)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e := engine.Engine{Program: p, Dir: t.TempDir(), Env: env, Output: &out, Redact: func(s string) string { return strings.ReplaceAll(s, "s3cret", "***") }}
	all, err := e.Build(ctx, engine.Job{
		Targets: append(bases(), more...), Push: true,
		Bake: func(names []string) ([]byte, error) {
			return []byte("bake file of " + strings.Join(names, " ") + "\n"), nil
		},
		Ask: func() engine.Registry { return pushed{filepath.Join(strings.TrimPrefix(env[1], "HERE="), "pushed")} },
	})
	var b strings.Builder
	for _, r := range all {
		b.WriteString(strings.TrimSuffix(r.Target+" "+string(r.State)+" "+r.Digest+": "+r.Reason, ": ") + "\n")
	}
	return b.String(), out.String(), err
}

// bake gets the file on standard input, and what it says goes through, without secrets. Where it fails, the registry knows what was pushed.
func TestBake(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, script, want, says string }{
		{
			name: "all are pushed", script: `cat
echo "arguments: $1 $2 $3 $4 $5 $6"
printf 'reg/os:1.0.0 1\nreg/tool:1.0.0 2\nreg/java:2.0.0 3\n' >>"$HERE/pushed"
echo '{"os": {"containerimage.digest": "1"}, "tool": {"containerimage.digest": "2"}, "java": {"containerimage.digest": "3"}}' >"$7"
`,
			want: "os pushed 1\ntool pushed 2\njava pushed 3\n", says: "bake file of os tool java\narguments: bake --file - --push --pull --metadata-file\n",
		},
		{
			name: "it fails without a word", script: `echo 'reg/os:1.0.0 1' >"$HERE/pushed"
exit 1
`,
			want: "os pushed 1\ntool not-built : the engine has failed: exit status 1\njava not-built : the engine has failed: exit status 1\n",
		},
		{
			name: "one fails", script: `echo 'reg/os:1.0.0 1' >"$HERE/pushed"
echo "ERROR: target java: failed to solve: no s3cret" >&2
printf 'and no end'
exit 1
`,
			want: "os pushed 1\ntool not-built : the engine has ended when java failed\njava failed : failed to solve: no ***\n", says: "ERROR: target java: failed to solve: no ***\nand no end\n",
		},
	} {
		got, said, err := build(t.Context(), t, engine.Buildx, test.script)
		if err != nil || strings.ReplaceAll(got, " \n", "\n") != test.want || test.says != "" && said != test.says {
			t.Errorf("%s: it is %v\n%swant\n%sand says\n%s", test.name, err, got, test.want, said)
		}
	}
}

// buildctl builds one after the other; what is based on a failed one is not begun, directly or by way of another, and what
// is not goes on.
func TestBuildctl(t *testing.T) {
	t.Parallel()
	const script = `for word; do
  case $word in
    context=*) context=$word ;;
    dockerfile=/*) echo "inline: $(cat "${word#dockerfile=}/Dockerfile")" ;;
    type=image*) name=${word#*name=}; name=${name%%\"*} ;;
  esac
  metadata=$word
done
echo "builds $context"
if [ "$context" = "context=os" ]; then echo "error: failed to solve: exit code: 1" >&2; exit 1; fi
echo "$name 7" >>"$HERE/pushed"
echo '{"containerimage.digest": "7"}' >"$metadata"
`
	app := engine.Target{Name: "app", Context: "app", Dockerfile: "app/Dockerfile", Tags: []string{"reg/app:1"}, Needs: []string{"java"}}
	got, said, err := build(t.Context(), t, engine.Buildctl, script, app)
	const want = "os failed : failed to solve: exit code: 1\ntool pushed 7\njava not-built : it is based on os, which is not built\napp not-built : it is based on java, which is not built\n"
	if err != nil || got != want {
		t.Errorf("it is %v\n%swant\n%s", err, got, want)
	}
	if want := "builds context=os\nerror: failed to solve: exit code: 1\ninline: FROM inline\nbuilds context=.\n"; said != want {
		t.Errorf("it says\n%swant\n%s", said, want)
	}
}

// An engine that is interrupted ends by itself, and what it has pushed until then is known.
func TestInterruption(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	env := programs(t, map[string]string{"buildx": `trap 'echo "is interrupted"; exit 130' INT
echo 'reg/os:1.0.0 1' >"$HERE/pushed"
echo "is running"
while :; do :; done
`})
	p, err := engine.Find(ctx, engine.Buildx, env)
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	var said bytes.Buffer
	e := engine.Engine{Program: p, Dir: t.TempDir(), Env: env, Output: &said, Redact: func(s string) string { once.Do(stop); return s }}
	results, err := e.Build(ctx, engine.Job{
		Targets: bases(), Push: true,
		Bake: func([]string) ([]byte, error) { return nil, nil },
		Ask:  func() engine.Registry { return pushed{filepath.Join(strings.TrimPrefix(env[1], "HERE="), "pushed")} },
	})
	if !errors.Is(err, context.Canceled) || said.String() != "is running\nis interrupted\n" {
		t.Errorf("it ends with %v, and says %q", err, said.String())
	}
	want := []engine.Result{{Target: "os", State: engine.Pushed, Digest: "1"}, {Target: "tool", State: engine.NotBuilt, Reason: "it was interrupted"}, {Target: "java", State: engine.NotBuilt, Reason: "it was interrupted"}}
	if !slices.Equal(results, want) {
		t.Errorf("the results are %v, want %v", results, want)
	}
}

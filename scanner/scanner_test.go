package scanner_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"Dockerfile": true, "dockerfile": true, "DOCKERFILE": true, "Containerfile": true,
		"Dockerfile.prod": true, "Dockerfile-dev": true, "Dockerfile_x": true, "Dockerfile.1.2": true,
		"app.Dockerfile": true, "app-dockerfile": true, "app_Containerfile": true, "a/b.c/Dockerfile.node": true,
		"Dockerfiles": false, "MyDockerfile": false, "Dockerfile.": false, ".Dockerfile": false, "docker": false,
		"Dockerfile.dockerignore": false, "Dockerfile.containerignore": false, "Dockerfile.md": false, "Dockerfile.sh": false,
		"Dockerfile.bash": true, "Dockerfile.zsh": true, "Dockerfile.lua": true, "Dockerfile.proto": true, "bash.Dockerfile": true,
		"dockerfile.go": false, "dockerfile.py": false, "dockerfile.ts": false, "Dockerfile.JSON": false, "Dockerfile.yml": false,
		"Dockerfile.lock": false, "Dockerfile.j2": false, "Dockerfile.tmpl": false, "Dockerfile.template": false, "Dockerfile.in": false,
	} {
		if got := scanner.IsDockerfile("dir/" + name); got != want {
			t.Errorf("IsDockerfile(%q) = %v, want %v", name, got, want)
		}
	}
	for name, want := range map[string]bool{
		"Dockerfile.j2": true, "Dockerfile.prod.tmpl": true, "app.Dockerfile.ERB": true, "Dockerfile": false, "values.yaml.tpl": false, "Dockerfile.md": false,
	} {
		if got := scanner.IsTemplate(name); got != want {
			t.Errorf("IsTemplate(%q) = %v, want %v", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"a/Dockerfile": "", "a/Containerfile": "", "a/Dockerfile.worker": "worker", "a/worker.Dockerfile": "worker",
		"a/Dockerfile-GPU": "GPU", "api.Dockerfile.prod": "api-prod",
	} {
		if got := scanner.Variant(name); got != want {
			t.Errorf("Variant(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestTarget(t *testing.T) {
	src := []byte("FROM a:1 AS base\nFROM b:1 AS tools\nFROM base AS app\nCOPY --from=tools / /\nFROM c:1 AS docs\n")
	for target, want := range map[string]string{
		"":      "a:unreachable b:unreachable c:runtime",
		"app":   "a:runtime b:build c:unreachable",
		"APP":   "a:runtime b:build c:unreachable",
		"tools": "a:unreachable b:runtime c:unreachable",
		"gone":  "a:unreachable b:unreachable c:runtime",
	} {
		file := scanner.ScanFile("Dockerfile", src, target)
		var got []string
		for _, ref := range file.Refs {
			got = append(got, strings.TrimSuffix(ref.Written, ":1")+":"+ref.Exposure.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("target %q: %v, want %s", target, got, want)
		}
		if (len(file.Diagnostics) > 0) != (target == "gone") {
			t.Errorf("target %q: %v", target, file.Diagnostics)
		}
	}
}

func TestRewrite(t *testing.T) {
	digest := "sha256:" + strings.Repeat("ab", 32)
	next := "sha256:" + strings.Repeat("cd", 32)
	for _, tc := range []struct {
		name, src, tag, digest string
		want                   string // the file afterwards, or "!" and part of the error
	}{
		{"tag", "FROM base:1.0.0\n", "1.0.1", "", "FROM base:1.0.1\n"},
		{"same", "FROM base:1.0.0\n", "1.0.0", "", "FROM base:1.0.0\n"},
		{"suffix elsewhere", "ARG V=1.0.0\nFROM base:${V}-alpine\n", "1.0.1-alpine", "", "ARG V=1.0.1\nFROM base:${V}-alpine\n"},
		{"prefix elsewhere", "ARG V=1.0.0\nFROM base:v$V\n", "v1.0.1", "", "ARG V=1.0.1\nFROM base:v$V\n"},
		{"one of two", "ARG A=1\nARG B=2\nFROM base:$A.$B\n", "1.3", "", "ARG A=1\nARG B=3\nFROM base:$A.$B\n"},
		{"both of two", "ARG A=1\nARG B=2\nFROM base:$A.$B\n", "2.3", "", "!several places"},
		{"trimmed", "ARG V=v1.0.0\nFROM base:${V#v}\n", "1.0.1", "", "ARG V=v1.0.1\nFROM base:${V#v}\n"},
		{"cut out", "ARG V=1.0.0\nFROM base:${V%.*}\n", "1.1", "", "ARG V=1.1.0\nFROM base:${V%.*}\n"},
		{"continued", "FROM base:1.0\\\n.0\n", "1.0.1", "", "FROM base:1.0\\\n.1\n"},
		{"crlf", "ARG V=1.0.0\r\nFROM base:$V\r\n", "1.0.1", "", "ARG V=1.0.1\r\nFROM base:$V\r\n"},
		{"no newline", "FROM base:1.0.0", "1.0.1", "", "FROM base:1.0.1"},
		{"digest and tag", "FROM base:1.0.0@" + digest + "\n", "1.0.1", next, "FROM base:1.0.1@" + next + "\n"},
		{"digest", "ARG D=" + digest + "\nFROM base@$D\n", "", next, "ARG D=" + next + "\nFROM base@$D\n"},
		{"no tag", "FROM base\n", "1.0.1", "", "!has no tag"},
		{"no digest", "FROM base:1\n", "", next, "!has no digest"},
		{"mount", "FROM a\nRUN --mount=type=bind,target=/x,from=base:1.0.0 x\n", "1.0.1", "", "FROM a\nRUN --mount=type=bind,target=/x,from=base:1.0.1 x\n"},
		{"copy", "FROM a\nCOPY \\\n  --from='base:1.0.0' /a /b\n", "1.0.1", "", "FROM a\nCOPY \\\n  --from='base:1.0.1' /a /b\n"},
		{"onbuild", "FROM a AS b\nONBUILD COPY --from=base:1.0.0 /a /b\nFROM b\n", "1.0.1", "", "FROM a AS b\nONBUILD COPY --from=base:1.0.1 /a /b\nFROM b\n"},
		{"syntax", "# syntax=base:1.0.0\nFROM a\n", "1.0.1", "", "# syntax=base:1.0.1\nFROM a\n"},
		{"computed", "ARG V=1_0_0\nFROM base:${V//_/.}\n", "2.1.1", "", "!several places"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := scanner.ScanFile("Dockerfile", []byte(tc.src), "")
			var base *scanner.Ref
			for _, ref := range file.Refs {
				if ref.Image.Repository == "docker.io/library/base" {
					base = ref
				}
			}
			replacements, err := base.Rewrite(tc.tag, tc.digest)
			if message, ok := strings.CutPrefix(tc.want, "!"); ok {
				var frozen *trace.FrozenError
				if !errors.As(err, &frozen) || !strings.Contains(frozen.Reason, message) {
					t.Fatalf("got %v, %v, want an error with %q", replacements, err, message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, shift := tc.src, 0
			for _, r := range replacements {
				if r.Old != got[r.Span.Start+shift:r.Span.End+shift] {
					t.Fatalf("%q is not at %v", r.Old, r.Span)
				}
				got = got[:r.Span.Start+shift] + r.New + got[r.Span.End+shift:]
				shift += len(r.New) - len(r.Old)
			}
			if got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

// A variable counts as used by what is run, copied or added, also in a here document.
func TestRuns(t *testing.T) {
	t.Parallel()
	const src = "ARG A\nARG B\nARG CD\nARG E\nARG F=$A\nFROM base:$E\nRUN make $A\nCOPY ${B}/x /x\nADD $CDE /y\nRUN <<X\necho ${E:-1}\nX\nENV G=$F\n"
	f := scanner.ScanFile("Dockerfile", []byte(src), "")
	for variable, want := range map[string]bool{"A": true, "B": true, "CD": false, "CDE": true, "E": true, "F": false, "G": false} {
		if got := f.Runs([]byte(src), variable); got != want {
			t.Errorf("%s is used: %v", variable, got)
		}
	}
}

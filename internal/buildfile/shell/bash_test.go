package shell

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// expressions are lines that set X, and bash is the judge of the value.
var expressions = []string{
	`X=a`, `X='a b'`, `X="a'b"`, `X=a\ b`, `V=1.0; X=$V`, `V=1.0; X="${V}-slim"`,
	`unset V; X=${V:-d}`, `V=; X=${V:-d}`, `V=; X=${V-d}`, `V=1; X=${V:+y}`, `V=; X=${V:+y}`, `unset V; X=${V:=d}$V`,
	`V=a/b/c; X=${V#*/}`, `V=a/b/c; X=${V##*/}`, `V=a.b.c; X=${V%.*}`, `V=a.b.c; X=${V%%.*}`,
	`V=a-b-c; X=${V/-/_}`, `V=a-b-c; X=${V//-/_}`, `V=aXa; X=${V/#a/b}`, `V=aXa; X=${V/%a/b}`, `V=1.2.3; X=${V//./}`,
	`V=abcdef; X=${V:2}`, `V=abcdef; X=${V:1:3}`, `V=abcdef; X=${V: -2}`, `V=abcdef; X=${V:0:-1}`, `V=AbC; X=${V,,}`, `V=AbC; X=${V^^}`, `V=abc; X=${V^}`, `V=abcd; X=${#V}`,
	`N=V; V=1; X=${!N}`,
	`A=(a b c); X=${A[1]}`, `A=(a b c); X=${A[-1]}`, `A=(a b c); X="${A[*]}"`, `A=(a b c); X=${#A[@]}`, `A=(a b); A+=(c); X="${A[*]}"`, `A=(a b c); X="${A[*]:1}"`, `A=(a b c d); X="${A[*]:1:2}"`,
	`A=(a.x b.x); X="${A[*]%.x}"`, `declare -A M=([k]=v [l]=w); X=${M[l]}`, `A=(a b); A[1]=z; X="${A[*]}"`, `A=(a b); X="${!A[*]}"`,
	`X=$(echo a b)`, `X=$(printf '%s-%s' a b)`, `printf -v X '%02d' 7`, `X=$(printf '%s\n' a b | tail -n 1)`, `X=$(printf '%s,' a b c)`,
	`X=$(echo a:b:c | cut -d: -f2)`, `X=$(echo a:b:c | cut -d: -f2-)`, `X=$(echo a:b:c | cut -d: -f1,3)`, `X=$(echo abcdef | cut -c2-3)`,
	`X=$(echo a-b | tr - _)`, `X=$(echo abc | tr a-z A-Z)`, `X=$(echo a1b2 | tr -d 0-9)`, `X=$(echo aabb | tr -s a)`,
	`X=$(echo v1.2 | sed 's/^v//')`, `X=$(echo a/b | sed 's#/#-#g')`, `X=$(printf 'a\nb\n' | sed -n 2p)`, `X=$(echo a1 | sed -E 's/([a-z])([0-9])/\2\1/')`, `X=$(printf 'a\nb\n' | sed '/a/d')`,
	`X=$(printf 'x=1\ny=2\n' | grep y)`, `X=$(printf 'x=1\ny=2\n' | grep -v y)`, `X=$(printf 'x=1\ny=2\n' | grep y= | cut -d= -f2)`, `X=$(echo v1.2.3 | grep -oE '[0-9]+\.[0-9]+')`,
	`X=$(printf 'b\na\n' | sort | head -n1)`, `X=$(printf 'a\na\nb\n' | uniq | tr '\n' ' ')`, `X=$(printf '1.9\n1.10\n' | sort -V | tail -1)`, `X=$(seq 3 | tr '\n' ,)`, `X=$(printf 'a b c\n' | awk '{print $2}')`,
	`X=$(basename a/b.txt .txt)`, `X=$(dirname a/b/c)`, `X=$((1 + 2 * 3))`, `I=4; X=$((I - 1))`, `I=1; ((I++)); X=$I`, `X=$((7 / 2)).$((7 % 2))`, `let X=2+3`,
	`X={a,b}`, `X=$(echo {a,b}-1)`, `X=$(echo {1..3})`,
	`V=b; case $V in a) X=1 ;; b|c) X=2 ;; *) X=3 ;; esac`, `V=xyz; case $V in x*) X=1 ;; *) X=3 ;; esac`, `V=1; if [ "$V" = 1 ]; then X=a; else X=b; fi`, `V=2; if [[ $V == 1 ]]; then X=a; elif [[ $V -gt 1 ]]; then X=c; else X=b; fi`,
	`V=1; [ "$V" = 1 ] && X=a || X=b`, `V=abc; if [[ $V =~ ^a.c$ ]]; then X=m; fi`, `V=; if [ -z "$V" ]; then X=e; fi`, `if ! false; then X=t; fi`,
	`X=; for i in a b c; do X+=$i; done`, `X=; for ((i=0; i<3; i++)); do X+=$i; done`, `A=(x y z); X=; for ((i=0; i<${#A[@]}; i++)); do X+=${A[$i]}; done`, `A=(1 2); X=$((A[1] + ${A[0]}))`, `X=; for i in a b c; do [ $i = b ] && continue; X+=$i; done`, `X=; for i in a b c; do if [ $i = b ]; then break; fi; X+=$i; done`,
	`f() { X=$1-$2; }; f a b`, `f() { local V=in; X=$V; }; V=out; f; X+=$V`, `f() { echo "$@"; }; X=$(f a b)`, `set -- a b c; X=$2$#`, `set -- a b c; shift; X="$*"`, `f() { return; X=no; }; X=yes; f`,
	`X=; while read -r a b; do X+=$b; done <<< "a 1"`, `X=; while IFS=: read -r a b; do X+=$b,; done <<< $'a:1\nb:2'`, `IFS=: read -r a X <<< a:b`, `read -r X _ <<< "a b c"`, `mapfile -t A <<< $'a\nb'; X=${A[1]}`,
	"X=$(cat <<E\na\nE\n)", `X=$'a\tb'`, `V="a b"; X=$(echo $V | wc -w)`, `X=$(echo " a " | xargs)`, `X=$(echo a b | xargs -n1 | tail -1)`,
}

// A value that is known is the one that bash has.
func TestAsBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	const known = 100 // a change that makes fewer of them known has to say why
	count := 0
	for _, line := range expressions {
		file := filepath.Join(t.TempDir(), "x.sh")
		if err := os.WriteFile(file, []byte(line+"\nprintf %s \"$X\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		command := exec.CommandContext(ctx, bash, "--norc", "--noprofile", file)
		command.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
		want, err := command.Output()
		cancel()
		if err != nil {
			t.Fatalf("%s: bash: %v", line, err)
		}
		src := trace.NewFile("x.sh", []byte(line+"\n"))
		s := New(NewRun(reading.NewTree(fstest.MapFS{}, nil), Others{}), "x.sh", reading.Workplace{Starts: []string{"."}, Cwd: reading.StartDir}, nil)
		if err := s.Read(src.Text(0, len(src.Src))); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		v := s.get("X")
		got := ""
		if len(v.Words) > 0 {
			got = v.Words[0].S
		}
		switch {
		case got == string(want):
			count++
		case strings.Contains(got, reading.Unknown) || len(v.Words) == 0:
			t.Logf("%s: not known, bash has %q", line, want)
		default:
			t.Errorf("%s: %q, bash has %q", line, got, want)
		}
	}
	if count < known {
		t.Errorf("%d of %d values are known, want %d", count, len(expressions), known)
	}
}

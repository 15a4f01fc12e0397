package scanner_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/source"
	"github.com/matihlabs/propagate/internal/trace"
	"github.com/matihlabs/propagate/scanner"
)

// buildLines is the build file of the tests: a way to build the Dockerfile a line,
// "target=NAME arg:NAME=VALUE context:NAME=VALUE link:NAME=BUILD on=PLATFORM,PLATFORM
// loose fixed default:NAME=VALUE or default:NAME=VALUE". In values ? is what is not known.
func buildLines(lines string) (*trace.File, []scanner.BuildConfig) {
	f := trace.NewFile("build.mk", []byte(lines))
	var builds []scanner.BuildConfig
	at := 0
	for line := range strings.Lines(lines) {
		b := scanner.BuildConfig{Where: source.Pos{Path: f.Path, Line: len(builds) + 1, Col: 1}}
		var byDefault []scanner.Arg
		for _, word := range strings.Fields(line) {
			kind, rest, _ := strings.Cut(word, ":")
			name, value, _ := strings.Cut(rest, "=")
			text := f.Find(value, at+strings.Index(line, word)+len(word)-len(value))
			if before, after, ok := text.Cut("?"); ok {
				text = trace.Join(before, trace.Plain(scanner.Unknown), after)
			}
			switch {
			case strings.HasPrefix(word, "target="):
				b.Target = strings.TrimPrefix(word, "target=")
			case kind == "arg":
				b.Args = append(b.Args, scanner.Arg{Name: name, Value: text})
			case kind == "default":
				byDefault = append(byDefault, scanner.Arg{Name: name, Value: text})
			case word == "or":
				b.Defaults, byDefault = append(b.Defaults, byDefault), nil
			case kind == "context":
				b.Contexts = append(b.Contexts, scanner.Context{Name: name, Value: text})
			case kind == "link":
				b.Contexts = append(b.Contexts, scanner.Context{Name: name, Link: value})
			case strings.HasPrefix(word, "on="):
				b.Platforms = strings.Split(strings.TrimPrefix(word, "on="), ",")
			case word == "fixed":
				b.Fixed = true
			case word == "loose":
				b.Loose = b.Target
			}
		}
		if byDefault != nil {
			b.Defaults = append(b.Defaults, byDefault)
		}
		builds = append(builds, b)
		at += len(line)
	}
	return f, builds
}

// told returns what was found in a file, a line each: of several builds which and which
// stages each needs, the references with whether a build hands them in and the places of
// their bytes, and the diagnostics.
func told(files []*scanner.File) []string {
	var all []string
	for _, f := range files {
		if len(files) > 1 || f.Target != "" {
			line := fmt.Sprintf("target %q of", f.Target)
			for _, way := range f.Ways {
				line += fmt.Sprint(" ", way+1)
			}
			line += " needs"
			for _, s := range f.Stages {
				if s.Reachable {
					line += fmt.Sprint(" ", s.Index)
				}
			}
			all = append(all, line)
		}
		for _, ref := range f.Refs {
			all = append(all, toldRef(ref))
		}
		for _, ref := range f.Defaults {
			all = append(all, "default "+toldRef(ref))
		}
		for _, d := range f.Diagnostics {
			all = append(all, fmt.Sprintf("%v %d:%d %s", d.Severity, d.Pos.Line, d.Pos.Col, d.Message))
		}
	}
	return all
}

func toldRef(ref *scanner.Ref) string {
	line := fmt.Sprintf("%v %d:%d %v", ref.Kind, ref.Pos.Line, ref.Pos.Col, ref.Exposure)
	if ref.Assumed {
		line += " assumed"
	}
	if ref.Link != "" {
		line += " link " + ref.Link
	}
	switch {
	case !ref.Image.IsZero():
		line += " " + ref.Image.Written
	case ref.Guess != "":
		line += " unresolved of " + strings.TrimSuffix(ref.Guess+":"+strings.ReplaceAll(ref.GuessTag, scanner.Unknown, "?"), ":")
	case ref.Link == "":
		line += " unresolved"
	}
	if ref.Build.Path != "" {
		line += fmt.Sprintf(" by %d", ref.Build.Line)
	}
	for _, p := range ref.Text.Pieces() {
		if p.File != nil {
			line += fmt.Sprintf(" [%s:%d %s]", p.File.Path, p.File.Line(p.Span.Start), p.S)
		}
	}
	return line
}

func TestScanBuilds(t *testing.T) {
	for _, tc := range []struct {
		name, file, builds string
		want               []string
	}{
		{
			"an argument makes another reference",
			"ARG V=1.0\nFROM node:$V\n", "arg:V=2.0\narg:V=1.0\narg:OTHER=3\n",
			[]string{
				`target "" of 1 needs 0`,
				`from 2:6 runtime node:2.0 by 1 [Dockerfile:2 node:] [build.mk:1 2.0]`,
				`target "" of 2 needs 0`,
				`from 2:6 runtime node:1.0 by 2 [Dockerfile:2 node:] [build.mk:2 1.0]`,
				`target "" of 3 needs 0`,
				`from 2:6 runtime node:1.0 [Dockerfile:2 node:] [Dockerfile:1 1.0]`,
			},
		},
		{
			"what a build file would hand in by default is read by no build, and is shown where it differs",
			"ARG V=1.0\nARG X=slim\nFROM node:$V-$X\n", "arg:V=2.0 arg:X=fat default:V=1.9 default:X=tiny or default:V=1.8 or default:V=? or default:OTHER=1\narg:V=2.1 default:V=1.8\n",
			[]string{
				`target "" of 1 needs 0`,
				`from 3:6 runtime node:2.0-fat by 1 [Dockerfile:3 node:] [build.mk:1 2.0] [Dockerfile:3 -] [build.mk:1 fat]`,
				`default from 3:6 runtime node:1.0-slim [Dockerfile:3 node:] [Dockerfile:1 1.0] [Dockerfile:3 -] [Dockerfile:2 slim]`,
				`default from 3:6 runtime node:1.9-tiny [Dockerfile:3 node:] [build.mk:1 1.9] [Dockerfile:3 -] [build.mk:1 tiny]`,
				`default from 3:6 runtime node:1.8-fat [Dockerfile:3 node:] [build.mk:1 1.8] [Dockerfile:3 -] [build.mk:1 fat]`,
				`default from 3:6 runtime node:1.8-slim [Dockerfile:3 node:] [build.mk:2 1.8] [Dockerfile:3 -] [Dockerfile:2 slim]`,
				`target "" of 2 needs 0`,
				`from 3:6 runtime node:2.1-slim by 2 [Dockerfile:3 node:] [build.mk:2 2.1] [Dockerfile:3 -] [Dockerfile:2 slim]`,
			},
		},
		{
			"an argument gives the value that is missing, from one place to two builds",
			"ARG BASE\nFROM $BASE\n", "arg:BASE=acme/base:1.0\narg:BASE=acme/base:2.0\n",
			[]string{
				`target "" of 1 needs 0`,
				`from 2:6 runtime acme/base:1.0 by 1 [build.mk:1 acme/base:1.0]`,
				`target "" of 2 needs 0`,
				`from 2:6 runtime acme/base:2.0 by 2 [build.mk:2 acme/base:2.0]`,
			},
		},
		{
			"a context takes the place of a name",
			"FROM base\nCOPY --from=tools / /\n", "context:base=docker-image://acme/base:1.0 context:tools=./tools\n",
			[]string{"from 1:6 runtime acme/base:1.0 by 1 [build.mk:1 acme/base:1.0]"},
		},
		{
			"a context takes the place of a name in one of two builds",
			"FROM base\n", "context:base=docker-image://acme/base:1.0\narg:A=1\n",
			[]string{
				`target "" of 1 needs 0`,
				`from 1:6 runtime acme/base:1.0 by 1 [build.mk:1 acme/base:1.0]`,
				`target "" of 2 needs 0`,
				`from 1:6 runtime base [Dockerfile:1 base]`,
			},
		},
		{
			"a context takes the place of a stage, with all that is in it",
			"FROM go:1.0 AS build\nCOPY --from=acme/tools:1.0 / /\nFROM scratch\nCOPY --from=build / /\n", "context:build=docker-image://acme/build:2.0\n",
			[]string{
				`from 1:1 build acme/build:2.0 by 1 [build.mk:1 acme/build:2.0]`,
				`copy-from 2:13 unreachable acme/tools:1.0 [Dockerfile:2 acme/tools:1.0]`,
				`default from 1:6 build go:1.0 [Dockerfile:1 go:1.0]`,
			},
		},
		{
			"a context is what another build makes",
			"FROM base\nCOPY --from=tools / /\n", "link:base=bake#base link:tools=bake#tools\n",
			[]string{
				`from 1:6 runtime link bake#base by 1`,
				`copy-from 2:13 build link bake#tools by 1`,
			},
		},
		{
			"each target exposes what it needs",
			"FROM a:1 AS one\nFROM b:1 AS two\nFROM c:1\n", "target=one\ntarget=TWO\n",
			[]string{
				`target "" of needs 2`,
				`from 1:6 unreachable a:1 [Dockerfile:1 a:1]`,
				`from 2:6 unreachable b:1 [Dockerfile:2 b:1]`,
				`from 3:6 runtime c:1 [Dockerfile:3 c:1]`,
				`target "TWO" of 2 needs 1`,
				`from 1:6 unreachable a:1 [Dockerfile:1 a:1]`,
				`from 2:6 runtime b:1 [Dockerfile:2 b:1]`,
				`from 3:6 unreachable c:1 [Dockerfile:3 c:1]`,
				`target "one" of 1 needs 0`,
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`from 2:6 unreachable b:1 [Dockerfile:2 b:1]`,
				`from 3:6 unreachable c:1 [Dockerfile:3 c:1]`,
			},
		},
		{
			"a target that is not there",
			"FROM a:1 AS one\nFROM b:1\n", "target=one\ntarget=test\n",
			[]string{
				`target "" of needs 1`,
				`from 1:6 unreachable a:1 [Dockerfile:1 a:1]`,
				`from 2:6 runtime b:1 [Dockerfile:2 b:1]`,
				`target "one" of 1 needs 0`,
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`from 2:6 unreachable b:1 [Dockerfile:2 b:1]`,
				`target "test" of 2 needs 1`,
				`from 1:6 unreachable a:1 [Dockerfile:1 a:1]`,
				`from 2:6 runtime b:1 [Dockerfile:2 b:1]`,
				`error 0:0 it has no stage "test", the target that it is to be built with; the last stage is taken`,
			},
		},
		{
			"a target of a program that is not there was meant for another",
			"ARG V=1\nFROM a:1 AS one\nFROM b:$V\n", "target=test loose arg:V=2\ntarget=one loose\n",
			[]string{
				`target "" of 1 needs 1`,
				`from 2:6 unreachable a:1 [Dockerfile:2 a:1]`,
				`from 3:6 runtime b:2 by 1 [Dockerfile:3 b:] [build.mk:1 2]`,
				`target "one" of 2 needs 0`,
				`from 2:6 runtime a:1 [Dockerfile:2 a:1]`,
				`from 3:6 unreachable b:1 [Dockerfile:3 b:] [Dockerfile:1 1]`,
			},
		},
		{
			"a tag that is not known, in the place of what does not resolve",
			"ARG BASE=<base>\nFROM $BASE\n", "arg:BASE=acme/base:?\narg:BASE=acme/base:v?-x\n",
			[]string{
				`target "" of 1 needs 0`,
				`from 2:6 runtime unresolved of docker.io/acme/base by 1`,
				`error 2:6 $BASE is acme/base with a tag that is not known at build.mk:1:1`,
				`target "" of 2 needs 0`,
				`from 2:6 runtime unresolved of docker.io/acme/base:v?-x by 2`,
				`error 2:6 $BASE is acme/base with a tag that is not known at build.mk:2:1`,
			},
		},
		{
			"a tag that is known to one build",
			"ARG BASE\nFROM $BASE\n", "arg:BASE=acme/base:?\narg:BASE=acme/base:1.0\narg:BASE=acme/base:?\n",
			[]string{
				`target "" of 1 3 needs 0`,
				`from 2:6 runtime unresolved of docker.io/acme/base by 1`,
				`error 2:6 $BASE is acme/base with a tag that is not known at build.mk:1:1`,
				`target "" of 2 needs 0`,
				`from 2:6 runtime acme/base:1.0 by 2 [build.mk:2 acme/base:1.0]`,
			},
		},
		{
			"tags of two repositories that are not known, and one that is",
			"ARG BASE\nFROM $BASE\n", "arg:BASE=acme/a:?\narg:BASE=acme/b:?\narg:BASE=acme/b:1.0\n",
			[]string{
				`target "" of 1 needs 0`,
				`from 2:6 runtime unresolved of docker.io/acme/a by 1`,
				`error 2:6 $BASE is acme/a with a tag that is not known at build.mk:1:1`,
				`target "" of 2 needs 0`,
				`from 2:6 runtime unresolved of docker.io/acme/b by 2`,
				`error 2:6 $BASE is acme/b with a tag that is not known at build.mk:2:1`,
				`target "" of 3 needs 0`,
				`from 2:6 runtime acme/b:1.0 by 3 [build.mk:3 acme/b:1.0]`,
			},
		},
		{
			"a tag that is not known beside a default of the same repository",
			"ARG V=latest\nFROM acme/base:$V\n", "arg:V=1.0-?\n",
			[]string{"from 2:6 runtime acme/base:latest [Dockerfile:2 acme/base:] [Dockerfile:1 latest]"},
		},
		{
			"a tag that is not known beside a default of another repository",
			"ARG BASE=ubuntu:22.04\nFROM $BASE\n", "arg:BASE=localhost:5000/base:?\n",
			[]string{
				`from 2:6 runtime unresolved of localhost:5000/base by 1`,
				`default from 2:6 runtime ubuntu:22.04 [Dockerfile:1 ubuntu:22.04]`,
				`error 2:6 $BASE is localhost:5000/base with a tag that is not known at build.mk:1:1`,
			},
		},
		{
			"a digest that is not known",
			"ARG D\nFROM acme/base:1.0@$D\n", "arg:D=sha256:?\n",
			[]string{"from 2:6 runtime unresolved of docker.io/acme/base by 1", "error 2:6 acme/base:1.0@$D is acme/base:1.0 with a digest that is not known at build.mk:1:1"},
		},
		{
			"repositories that are not known",
			"ARG BASE\nFROM $BASE\n", "arg:BASE=?/base:1.0\narg:BASE=acme/?\narg:BASE=localhost:?/base\n",
			[]string{
				`target "" of 1 needs 0`,
				`from 2:6 runtime unresolved of …/base:1.0 by 1`,
				`error 2:6 $BASE is …/base:1.0, of which not all is known at build.mk:1:1`,
				`target "" of 2 3 needs 0`,
				`from 2:6 runtime unresolved by 2`,
				`error 2:6 $BASE is acme/…, of which not all is known at build.mk:2:1`,
			},
		},
		{
			"what is not known may be what is cut off",
			"ARG V=1.0\nFROM acme/base:${V%-*}\n", "arg:V=2.0-a?\n",
			[]string{"from 2:6 runtime acme/base:1.0 [Dockerfile:2 acme/base:] [Dockerfile:1 1.0]"},
		},
		{
			"contexts of which the tag is not known",
			"FROM base\nCOPY --from=tools / /\n", "context:base=docker-image://acme/base:? context:tools=docker-image://acme/tools:1?\n",
			[]string{
				"from 1:6 runtime unresolved of docker.io/acme/base by 1", "copy-from 2:13 build unresolved of docker.io/acme/tools:1? by 1",
				"error 1:6 base is acme/base with a tag that is not known at build.mk:1:1", "error 2:13 tools is acme/tools with a tag that is not known at build.mk:1:1",
			},
		},
		{
			"a context of which the tag is not known, in the place of a stage",
			"FROM go:1.0 AS build\nFROM scratch\nCOPY --from=build / /\n", "context:build=docker-image://acme/build:?\n",
			[]string{
				`from 1:1 build unresolved of docker.io/acme/build by 1`,
				`default from 1:6 build go:1.0 [Dockerfile:1 go:1.0]`,
				`error 1:1 build is acme/build with a tag that is not known at build.mk:1:1`,
			},
		},
		{
			"builds that come to the same are one",
			"ARG V=1.0\nFROM node:$V\n", "arg:OTHER=3\narg:V=2.0\ntarget=x loose\narg:OTHER=4\n",
			[]string{
				`target "" of 1 3 4 needs 0`,
				`from 2:6 runtime node:1.0 [Dockerfile:2 node:] [Dockerfile:1 1.0]`,
				`target "" of 2 needs 0`,
				`from 2:6 runtime node:2.0 by 2 [Dockerfile:2 node:] [build.mk:2 2.0]`,
			},
		},
		{
			"the last stage by its name is the default target",
			"FROM a:1 AS one\nFROM b:1 AS two\n", "target=one\ntarget=two\n",
			[]string{
				`target "one" of 1 needs 0`,
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`from 2:6 unreachable b:1 [Dockerfile:2 b:1]`,
				`target "two" of 2 needs 1`,
				`from 1:6 unreachable a:1 [Dockerfile:1 a:1]`,
				`from 2:6 runtime b:1 [Dockerfile:2 b:1]`,
			},
		},
		{
			"the last stage by its name and without",
			"FROM a:1 AS one\nFROM b:1 AS two\n", "target=two\ntarget=one\narg:A=1\n",
			[]string{
				`target "" of 1 3 needs 1`,
				`from 1:6 unreachable a:1 [Dockerfile:1 a:1]`,
				`from 2:6 runtime b:1 [Dockerfile:2 b:1]`,
				`target "one" of 2 needs 0`,
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`from 2:6 unreachable b:1 [Dockerfile:2 b:1]`,
			},
		},
		{
			"a target that the configuration gives is the only one",
			"FROM a:1 AS one\nFROM b:1\n", "target=one fixed\n",
			[]string{
				`target "one" of 1 needs 0`,
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`from 2:6 unreachable b:1 [Dockerfile:2 b:1]`,
			},
		},
		{
			"the last stage needs an argument that nobody hands in without a target",
			"ARG BASE\nFROM a:1 AS one\nFROM $BASE\n", "target=one arg:BASE=b:1\n",
			[]string{
				`target "one" of 1 needs 0`,
				`from 2:6 runtime a:1 [Dockerfile:2 a:1]`,
				`from 3:6 unreachable b:1 by 1 [build.mk:1 b:1]`,
			},
		},
		{
			"nobody hands in what the last stage needs",
			"ARG BASE\nFROM a:1 AS one\nFROM $BASE\n", "target=one\n",
			[]string{
				`target "" of needs 1`,
				`from 2:6 unreachable a:1 [Dockerfile:2 a:1]`,
				`from 3:6 runtime unresolved`,
				`error 3:6 $BASE expands to nothing (ARG without a value: BASE)`,
				`target "one" of 1 needs 0`,
				`from 2:6 runtime a:1 [Dockerfile:2 a:1]`,
				`from 3:6 unreachable unresolved`,
				`error 3:6 $BASE expands to nothing (ARG without a value: BASE)`,
			},
		},
		{
			"arguments for another target leave the default",
			"ARG V=1.0\nFROM a:$V AS one\nFROM b:$V\n", "target=one arg:V=2.0\n",
			[]string{
				`target "" of needs 1`,
				`from 2:6 unreachable a:1.0 [Dockerfile:2 a:] [Dockerfile:1 1.0]`,
				`from 3:6 runtime b:1.0 [Dockerfile:3 b:] [Dockerfile:1 1.0]`,
				`target "one" of 1 needs 0`,
				`from 2:6 runtime a:2.0 by 1 [Dockerfile:2 a:] [build.mk:1 2.0]`,
				`from 3:6 unreachable b:2.0 by 1 [Dockerfile:3 b:] [build.mk:1 2.0]`,
			},
		},
		{
			"a context that is another build keeps what is written",
			"ARG V=1.0\nFROM acme/base:$V\nCOPY --from=acme/tools / /\n", "link:acme/base:1.0=bake#base link:acme/tools=bake#tools\n",
			[]string{
				`from 2:6 runtime link bake#base acme/base:1.0 by 1 [Dockerfile:2 acme/base:] [Dockerfile:1 1.0]`,
				`copy-from 3:13 build link bake#tools acme/tools by 1 [Dockerfile:3 acme/tools]`,
			},
		},
		{
			"a context that is another build in the place of a stage",
			"FROM go:1.0 AS build\nFROM scratch\nCOPY --from=build / /\n", "link:build=bake#build\n",
			[]string{
				`from 1:1 build link bake#build by 1`,
				`default from 1:6 build go:1.0 [Dockerfile:1 go:1.0]`,
			},
		},
		{
			"a tag of which a part is not known, of a repository that is handed in",
			"ARG R=docker.io/acme\nARG V=1.0\nFROM $R/base:$V\n", "arg:R=ghcr.io/acme arg:V=1.?\n",
			[]string{
				`from 3:6 runtime ghcr.io/acme/base:1.0 by 1 [build.mk:1 ghcr.io/acme] [Dockerfile:3 base:] [Dockerfile:2 1.0]`,
				`default from 3:6 runtime docker.io/acme/base:1.0 [Dockerfile:1 docker.io/acme] [Dockerfile:3 base:] [Dockerfile:2 1.0]`,
			},
		},
		{
			"a name of which a part is not known, where the default is a stage",
			"ARG BASE=own\nFROM a:1 AS own\nFROM $BASE\n", "arg:BASE=?/x\n",
			[]string{
				`from 2:6 runtime a:1 [Dockerfile:2 a:1]`,
			},
		},
		{
			"a stage for each platform",
			"FROM a:1 AS base-amd64\nFROM b:1 AS base-arm64\nFROM c:1 AS base-arm\nFROM base-$TARGETARCH\n", "on=linux/amd64,linux/aarch64\n",
			[]string{
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`from 2:6 runtime b:1 [Dockerfile:2 b:1]`,
				`from 3:6 unreachable c:1 [Dockerfile:3 c:1]`,
			},
		},
		{
			"a stage for each platform, where nothing says for which it is built",
			"FROM a:1 AS base-amd64\nFROM b:1 AS base-arm64\nFROM c:1 AS base-arm\nFROM base-$TARGETARCH\n", "arg:A=1\n",
			[]string{
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`from 2:6 runtime assumed b:1 [Dockerfile:2 b:1]`,
				`from 3:6 unreachable c:1 [Dockerfile:3 c:1]`,
			},
		},
		{
			"a stage for the usual platform alone",
			"FROM a:1 AS base-amd64\nFROM base-$TARGETARCH\n", "target=x loose\n",
			[]string{
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`warning 2:6 base-$TARGETARCH is no stage on linux/arm64, for which nothing says that it is built: that platform is left out here`,
			},
		},
		{
			"another platform",
			"FROM a:1 AS base-amd64\nFROM b:1 AS base-arm64\nFROM base-$TARGETARCH\nCOPY --from=base-amd64 / /\n", "on=arm64\n",
			[]string{
				`from 1:6 build a:1 [Dockerfile:1 a:1]`,
				`from 2:6 runtime b:1 [Dockerfile:2 b:1]`,
			},
		},
		{
			"an image for each platform",
			"FROM acme/$TARGETOS-$TARGETARCH$TARGETVARIANT:1.0\n", "on=linux/amd64,linux/arm,windows/amd64,?\n",
			[]string{
				`from 1:6 runtime acme/linux-amd64:1.0 [Dockerfile:1 acme] [Dockerfile:1 -] [Dockerfile:1 :1.0]`,
				`from 1:6 runtime acme/linux-armv7:1.0 [Dockerfile:1 acme] [Dockerfile:1 -] [Dockerfile:1 :1.0]`,
				`from 1:6 runtime acme/windows-amd64:1.0 [Dockerfile:1 acme] [Dockerfile:1 -] [Dockerfile:1 :1.0]`,
			},
		},
		{
			"an image for each platform, where nothing says for which it is built",
			"FROM acme/$TARGETARCH:1.0\n", "on=?\n",
			[]string{
				`from 1:6 runtime acme/amd64:1.0 [Dockerfile:1 acme] [Dockerfile:1 :1.0]`,
				`from 1:6 runtime assumed acme/arm64:1.0 [Dockerfile:1 acme] [Dockerfile:1 :1.0]`,
			},
		},
		{
			"an argument that BuildKit sets, from a build",
			"FROM acme/$TARGETARCH:1.0\n", "arg:TARGETARCH=riscv64\n",
			[]string{
				`from 1:6 runtime acme/riscv64:1.0 by 1 [Dockerfile:1 acme] [build.mk:1 riscv64] [Dockerfile:1 :1.0]`,
				`default from 1:6 runtime acme/amd64:1.0 [Dockerfile:1 acme] [Dockerfile:1 :1.0]`,
			},
		},
		{
			"a trigger counts where a stage on it is built",
			"FROM a:1 AS one\nONBUILD COPY --from=acme/tools:1.0 / /\nFROM one AS two\nFROM b:1\n", "target=two\n",
			[]string{
				`target "" of needs 2`,
				`from 1:6 unreachable a:1 [Dockerfile:1 a:1]`,
				`from 4:6 runtime b:1 [Dockerfile:4 b:1]`,
				`target "two" of 1 needs 0 1`,
				`from 1:6 runtime a:1 [Dockerfile:1 a:1]`,
				`onbuild 2:21 build acme/tools:1.0 [Dockerfile:2 acme/tools:1.0]`,
				`from 4:6 unreachable b:1 [Dockerfile:4 b:1]`,
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env, builds := buildLines(tc.builds)
			src := []byte(tc.file)
			files := scanner.ScanBuilds("Dockerfile", src, builds)
			if got := told(files); !slices.Equal(got, tc.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(tc.want, "\n  "))
			}
			again, err := scanner.Decode(scanner.Encode(files), "Dockerfile", "Dockerfile", builds, func(string) *trace.Origin { return env.Origin })
			if err != nil || !slices.Equal(told(again), told(files)) {
				t.Errorf("decoded it is %v\n  %s", err, strings.Join(told(again), "\n  "))
			}
		})
	}
}

// The base of a stage that every build puts a context in the place of is that context,
// as far as it is known.
func TestStagesOfBuilds(t *testing.T) {
	_, builds := buildLines("context:base=docker-image://acme/base:1.0\n")
	if file := scanner.ScanBuilds("Dockerfile", []byte("FROM base\n"), builds)[0]; file.Stages[0].Base.Written != "acme/base:1.0" {
		t.Errorf("its base is %v", file.Stages[0].Base)
	}
	_, builds = buildLines("context:base=docker-image://acme/base:?\n")
	if file := scanner.ScanBuilds("Dockerfile", []byte("FROM base\n"), builds)[0]; !file.Stages[0].Base.IsZero() {
		t.Errorf("its base is %v, which no build takes", file.Stages[0].Base)
	}
	for context, want := range map[string]string{"docker-image://acme/base:1.0": "docker.io/acme/base:1.0", "./base": ""} {
		_, builds = buildLines("context:base=" + context + "\n")
		file := scanner.ScanBuilds("Dockerfile", []byte("FROM x AS base\nFROM base\n"), builds)[0]
		if got := file.Stages[0].Base.String(); got != want || file.Stages[1].BaseStage != 0 {
			t.Errorf("with %s in the place of a stage its base is %q, want %q", context, got, want)
		}
	}
}

// References that share bytes of a build file know of each other's edits.
func TestSharedPlaces(t *testing.T) {
	f := trace.NewFile("build.mk", []byte("V=1.0\n"))
	version := f.Text(2, 5)
	builds := []scanner.BuildConfig{
		{Where: source.Pos{Path: f.Path, Line: 1}, Args: []scanner.Arg{{Name: "V", Value: version}}},
		{Where: source.Pos{Path: f.Path, Line: 2}, Args: []scanner.Arg{{Name: "V", Value: trace.Join(version, trace.Plain("-slim"))}}},
	}
	files := scanner.ScanBuilds("Dockerfile", []byte("ARG V\nFROM acme/base:$V\n"), builds)
	if len(files) != 2 || !files[0].Refs[0].Text.Shares(files[1].Refs[0].Text) {
		t.Fatalf("%q share nothing", told(files))
	}
	edits, err := files[1].Refs[0].Rewrite("1.1-slim", "")
	if err != nil || len(edits) != 1 || !files[0].Refs[0].Reads(edits[0]) {
		t.Fatalf("%v, %v", edits, err)
	}
	src, err := f.After(edits)
	if err != nil || !bytes.Equal(src, []byte("V=1.1\n")) {
		t.Errorf("%q, %v", src, err)
	}
	for i, want := range []string{"1.1", "1.1-slim"} {
		if after := builds[i].After(edits); after.Args[0].Value.S != want {
			t.Errorf("build %d gets %q, not %q", i+1, after.Args[0].Value.S, want)
		}
	}
}

// What one of the builds hands in may be what a reference of them all is made of, where
// the places of its bytes are not known.
func TestBuildsThatComeToTheSame(t *testing.T) {
	f := trace.NewFile("build.mk", []byte("1_0 1_0\n"))
	builds := []scanner.BuildConfig{
		{Where: source.Pos{Path: f.Path, Line: 1}, Args: []scanner.Arg{{Name: "V", Value: f.Text(0, 3)}}},
		{Where: source.Pos{Path: f.Path, Line: 2}, Args: []scanner.Arg{{Name: "V", Value: f.Text(4, 7)}}},
	}
	const file = "ARG V\nFROM acme/base:${V//1_0/1.0}\n"
	files := scanner.ScanBuilds("Dockerfile", []byte(file), builds)
	if len(files) != 1 || len(files[0].Ways) != 2 {
		t.Fatalf("%q", told(files))
	}
	change, err := f.Text(4, 7).Replace("2_0")
	if err != nil || !files[0].Refs[0].Reads(change) {
		t.Errorf("it does not know of %v, %v", change, err)
	}
	again, err := scanner.Decode(scanner.Encode(files), "Dockerfile", "Dockerfile", builds, func(string) *trace.Origin { return f.Origin })
	if err != nil || !again[0].Refs[0].Reads(change) {
		t.Errorf("decoded it does not know of %v, %v", change, err)
	}
}

// The name of a context that stands for an image in the place of which another build is put moves
// along with the reference.
func TestRewriteOfALink(t *testing.T) {
	f := trace.NewFile("bake.hcl", []byte("acme/base:1.0\n"))
	for _, tc := range []struct {
		key  trace.Text
		want string // what is replaced, and where
	}{
		{f.Text(0, 13), "Dockerfile 1.0 to 1.1, bake.hcl 1.0 to 1.1"},
		{trace.Plain("acme/base:1.0"), "the name cannot be moved"},
		{trace.Plain("base"), "the name cannot be moved"},
	} {
		build := scanner.BuildConfig{Where: source.Pos{Path: f.Path, Line: 1}, Contexts: []scanner.Context{{Name: "acme/base:1.0", Key: tc.key, Link: "bake.hcl#base"}}}
		file := scanner.ScanBuilds("Dockerfile", []byte("FROM acme/base:1.0\n"), []scanner.BuildConfig{build})[0]
		edits, err := file.Refs[0].Rewrite("1.1", "")
		var all []string
		for _, e := range edits {
			all = append(all, fmt.Sprintf("%s %s to %s", e.File.Path, e.Old, e.New))
		}
		got := strings.Join(all, ", ")
		if err != nil && strings.Contains(err.Error(), "which cannot be moved with it") {
			got = "the name cannot be moved"
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s (%v)", tc.key.S, got, tc.want, err)
		}
	}
}

// A slash between two variables has no place of its own (marks leave it out), and no version has one: what else the
// build hands in stays apart from the reference.
func TestSlashBetweenVariablesHidesNoPlace(t *testing.T) {
	f := trace.NewFile("versions", []byte("1.26 3.0.5\n"))
	builds := []scanner.BuildConfig{{Where: source.Pos{Path: f.Path, Line: 1}, Args: []scanner.Arg{
		{Name: "GO", Value: f.Text(0, 4)}, {Name: "OVS", Value: f.Text(5, 10)},
	}}}
	const file = "ARG GO\nARG OVS\nARG REGISTRY=example.com\nFROM golang:$GO\nFROM ${REGISTRY}/acme/ovs:${OVS}\n"
	refs := scanner.ScanBuilds("Dockerfile", []byte(file), builds)[0].Refs
	change, err := f.Text(0, 4).Replace("1.27")
	if err != nil || len(refs) != 2 || !refs[0].Reads(change) {
		t.Fatalf("golang is not on what the build hands in: %v", err)
	}
	if refs[1].Reads(change) {
		t.Errorf("%s is said to be made of the version of golang", refs[1].Image)
	}
	change, err = f.Text(5, 10).Replace("3.0.6")
	if err != nil || !refs[1].Reads(change) {
		t.Errorf("it does not know of its own version: %v", err)
	}
}

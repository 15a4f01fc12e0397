package monorepo

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// upstream are the images that come from elsewhere.
var upstream = words(`
	alpine:3.20.3 debian:12.7-slim ubuntu:24.04 busybox:1.36.1
	golang:1.23.2-bookworm golang:1.22.8-alpine node:22.9.0-bookworm-slim node:20.18.0-alpine
	python:3.12.7-slim python:3.11.10 eclipse-temurin:21.0.4_7-jre maven:3.9.9-eclipse-temurin-21
	rust:1.81.0-slim ruby:3.3.5-slim php:8.3.12-fpm nginx:1.27.2-alpine redis:7.4.1
	mirror.example/distroless/static:nonroot mirror.example/tools/uv:0.4.20 mirror.example/tools/grpcurl:1.9.1`)

// builders are those of them that things are built in, tools those that single
// files are copied from.
var builders, tools = upstream[4:14], upstream[18:20]

// newest is the newest patch release of a base, 1.0.newest.
func newest(base int) int { return 3 + base%5 }

// dockerfile writes a Dockerfile of 20 to 80 lines. What the revision changes
// stands in its labels, as it does where releases are written into Dockerfiles.
func dockerfile(f *file, r *rand.Rand) string {
	d := &writer{file: f, r: r}
	if r.IntN(25) == 0 {
		d.line("# syntax=docker/dockerfile:1.7")
	}
	d.line("# %s: %s %s", f.unit.name, pick(r, nouns), pick(r, roles))
	from := d.from()
	d.line("")
	if f.unit.base == 0 && r.IntN(100) < 45 {
		d.line("FROM %s AS build", pick(r, builders))
		d.steps(4 + r.IntN(10))
		d.line("")
		d.line("FROM %s", from)
		d.steps(3 + r.IntN(8))
		d.line("COPY --from=build /out/ /app/")
	} else {
		d.line("FROM %s", from)
		d.steps(8 + r.IntN(14))
	}
	if r.IntN(10) == 0 {
		d.line("COPY --from=%s /bin/tool /usr/local/bin/tool", pick(r, tools))
	}
	d.end()
	return d.b.String()
}

// A writer writes one Dockerfile.
type writer struct {
	*file
	r     *rand.Rand
	b     strings.Builder
	lines int
}

func (d *writer) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.lines += 1 + strings.Count(text, "\n")
	d.b.WriteString(text)
	d.b.WriteByte('\n')
}

// from returns what the shipped stage stands on, and writes the arguments before
// the first FROM that it is made of, in one Dockerfile of five.
func (d *writer) from() string {
	image, tag, _ := strings.Cut(pick(d.r, upstream[:18]), ":")
	if d.unit.on > 0 {
		image, tag = fmt.Sprintf("%s/base-%02d", Registry, d.unit.on), fmt.Sprintf("1.0.%d", newest(d.unit.on)-d.r.IntN(2)*d.r.IntN(3))
	}
	switch d.r.IntN(10) {
	case 0:
		d.line("ARG BASE_VERSION=%s", tag)
		return image + ":${BASE_VERSION}"
	case 1:
		if d.unit.on > 0 {
			d.line("ARG REGISTRY=%s\nARG BASE_VERSION=%s", Registry, tag)
			return fmt.Sprintf("${REGISTRY}/base-%02d:${BASE_VERSION}", d.unit.on)
		}
		d.line("ARG BASE=%s:%s", image, tag)
		return "${BASE}"
	case 2:
		// Pins are for what comes from elsewhere: those of the patched bases would
		// make the benchmarks ask a registry.
		if d.unit.on == 0 && d.r.IntN(3) == 0 {
			return fmt.Sprintf("%s:%s@sha256:%032x%032x", image, tag, d.r.Uint64(), d.r.Uint64())
		}
	}
	return image + ":" + tag
}

// steps writes n instructions of a stage.
func (d *writer) steps(n int) {
	r := d.r
	d.line("WORKDIR /src/%s", pick(r, nouns))
	for range n {
		switch r.IntN(11) {
		case 0:
			d.line("ENV %s_%s=%d", strings.ToUpper(pick(r, nouns)), strings.ToUpper(pick(r, roles)), r.IntN(10000))
		case 1:
			d.line("COPY %s/ ./%s/", pick(r, nouns), pick(r, roles))
		case 2:
			d.line("RUN apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n        ca-certificates \\\n        %s-tools=1.%d \\\n    && rm -rf /var/lib/apt/lists/*", pick(r, nouns), r.IntN(100))
		case 3:
			d.line("RUN --mount=type=cache,target=/root/.cache/%s \\\n    make %s", pick(r, nouns), pick(r, roles))
		case 4:
			d.line("ARG %s_LEVEL=%d", strings.ToUpper(pick(r, nouns)), r.IntN(10))
		case 5:
			d.line("# %s before %s: the %s reads it", pick(r, nouns), pick(r, nouns), pick(r, roles))
		case 6:
			if r.IntN(4) == 0 {
				// A heredoc in which something looks like an instruction.
				d.line("RUN <<EOF\nset -e\nFROM=%s\n./%s --limit %d \"$FROM\"\nEOF", pick(r, nouns), pick(r, roles), r.IntN(100))
				continue
			}
			d.line("RUN ./scripts/%s \\\n    --%s=%d", pick(r, roles), pick(r, nouns), r.IntN(1000))
		default:
			d.line("RUN mkdir -p /var/lib/%s && ./configure --with-%s --without-%s", pick(r, nouns), pick(r, nouns), pick(r, nouns))
		}
	}
}

// end writes what Dockerfiles end with, and fills up to 20 lines.
func (d *writer) end() {
	d.line("LABEL org.opencontainers.image.title=%q \\\n      org.opencontainers.image.version=\"1.%d.0\"", d.unit.name, d.revision)
	for d.lines < 17 {
		d.line("ENV %s_LIMIT=%d", strings.ToUpper(pick(d.r, nouns)), d.r.IntN(100))
	}
	d.line("USER 10001:10001\nEXPOSE %d\nENTRYPOINT [\"/app/%s\"]", 1024+d.r.IntN(9000), d.unit.name)
}

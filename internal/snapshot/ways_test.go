package snapshot_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/snapshot"
)

// Each build of a Dockerfile is a File of its own, and says which builds of the build
// files it is. What is known from an earlier run says the same.
func TestFilesOfBuilds(t *testing.T) {
	const stages = "ARG V=1\nFROM a:$V AS one\nFROM b:$V AS two\nFROM c:1\n"
	for _, test := range []struct{ name, config, files, want string }{
		{"no build file", "", "", "target '' of [] V by defaults"},
		{"a target of the configuration", "targets: {svc/Dockerfile: one}", "", "target 'one' of [configuration] V by defaults"},
		{
			"a target that is not the last stage", "", "compose.yaml=services: {x: {build: {context: svc, target: one}}}",
			"target '' of [] V by defaults; target 'one' of [compose.yaml#x] V by defaults",
		},
		{
			"several builds", "",
			"compose.yaml=services: {x: {build: svc}, y: {build: {context: svc, args: {V: 2}}}, z: {build: {context: svc, args: {OTHER: 2}}}}",
			"target '' of [compose.yaml#x compose.yaml#z] V by defaults; target '' of [compose.yaml#y] V by compose.yaml",
		},
		{
			"a target of the configuration goes over those of build files", "targets: {svc/Dockerfile: two}",
			"compose.yaml=services: {x: {build: svc}, y: {build: {context: svc, target: one}}}",
			"target 'two' of [compose.yaml#x compose.yaml#y] V by defaults",
		},
		{
			"arguments of the configuration", "arguments: [{files: v.env, for: 'svc/**'}, {files: w.env, for: 'svc/**'}]", "v.env=V=2|w.env=OTHER=3",
			"target '' of [configuration] V by v.env",
		},
		{
			"arguments of one name", "arguments: [{files: '*.env', for: 'svc/**'}]", "v.env=V=2|w.env=V=3",
			"target '' of [configuration] V by v.env; target '' of [configuration] V by w.env",
		},
		{
			"arguments of the configuration beneath those of builds", "arguments: [{files: v.env, for: 'svc/**'}]",
			"v.env=V=2|compose.yaml=services: {x: {build: svc}, y: {build: {context: svc, args: {V: 3}}}}",
			"target '' of [compose.yaml#x] V by v.env; target '' of [compose.yaml#y] V by compose.yaml",
		},
		{
			"arguments of the configuration for the last stage, which no build file builds", "arguments: [{files: v.env, for: 'svc/**'}]",
			"v.env=V=2|compose.yaml=services: {x: {build: {context: svc, target: one}}}",
			"target '' of [configuration] V by v.env; target 'one' of [compose.yaml#x] V by v.env",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := fstest.MapFS{"svc/Dockerfile": {Data: []byte(stages)}, "other/Dockerfile": {Data: []byte("FROM x:1\n")}}
			for file := range strings.SplitSeq(test.files, "|") {
				if name, text, ok := strings.Cut(file, "="); ok {
					files[name] = &fstest.MapFile{Data: []byte(text + "\n")}
				}
			}
			path := filepath.Join(t.TempDir(), "cache")
			for range 2 {
				store := cache.Open(path)
				options := snapshot.Options{Config: configure(t, test.config), Cache: store, Program: "test"}
				s, _, err := snapshot.Read(t.Context(), snapshot.Directory(files, time.Now()), options)
				if err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(waysOf(s, "svc/Dockerfile"), "; "); got != test.want {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
				if n := len(s.FilesOf("other/Dockerfile")) + len(s.FilesOf("none")) + len(s.BuildsOf("other/Dockerfile")); n != 1 {
					t.Errorf("of the others there are %d", n)
				}
				if err := store.Save(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// waysOf says of each File of a Dockerfile whose it is, and who gives the version of its
// first stage.
func waysOf(s *snapshot.Snapshot, path string) []string {
	var all []string
	builds := s.BuildsOf(path)
	for _, file := range s.FilesOf(path) {
		names := []string{}
		for _, way := range file.Ways {
			if builds[way] == nil {
				names = append(names, "configuration")
			} else {
				names = append(names, builds[way].Name)
			}
		}
		by := "defaults"
		if sources := file.Refs[0].Sources(); len(sources) > 0 {
			by = sources[0]
		}
		all = append(all, fmt.Sprintf("target '%s' of %v V by %s", file.Target, names, by))
	}
	return all
}

package scanner_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/matihlabs/propagate/scanner"
)

// BenchmarkScanFile reads the Dockerfiles of the sample monorepo, which are like
// those of a real one, and the cases, which are harder than that.
func BenchmarkScanFile(b *testing.B) {
	for _, dir := range []string{"matih", "dockerfiles"} {
		b.Run(dir, func(b *testing.B) {
			sources, size := map[string][]byte{}, 0
			files := os.DirFS("../testdata/" + dir)
			err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() || !scanner.IsDockerfile(path) {
					return err
				}
				sources[path], err = fs.ReadFile(files, path)
				size += len(sources[path])
				return err
			})
			if err != nil || len(sources) < 20 {
				b.Fatalf("%s: found %d Dockerfiles (%v)", dir, len(sources), err)
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for path, src := range sources {
					scanner.ScanFile(path, src, "")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(sources)), "ns/file")
		})
	}
}

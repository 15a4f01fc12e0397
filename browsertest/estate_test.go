package browsertest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// estate writes 60 bases, 20 of them based on others, and 2,000 services of 25 teams, each on two bases.
func estate(t *testing.T) string {
	t.Helper()
	return estateOf(t, 2000)
}

// estateOf is estate with another number of services.
func estateOf(t *testing.T, services int) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const registry = "registry.example/platform"
	var owners strings.Builder
	for i := range 60 {
		from := "debian:12"
		if i >= 40 {
			from = fmt.Sprintf("%s/base-%02d:1.%d.0", registry, i%40, i%3)
		}
		write(fmt.Sprintf("bases/base-%02d/Dockerfile", i), "FROM "+from+"\n")
	}
	for i := range services {
		write(fmt.Sprintf("services/team-%02d/service-%04d/Dockerfile", i%25, i), fmt.Sprintf(
			"FROM %s/base-%02d:1.%d.0 AS build\nFROM %s/base-%02d:1.%d.%d\nCOPY --from=build /app /app\n", registry, i*7%60, i%3, registry, i%60, i%3, i%5))
	}
	for team := range 25 {
		fmt.Fprintf(&owners, "/services/team-%02d/ @example/team-%02d\n", team, team)
	}
	write("CODEOWNERS", owners.String())
	return dir
}

// On a page of 2,000 services and 60 bases, of less than 300 KB, a click takes less than 50 ms of the
// page's own processor time, whatever is chosen.
func TestEstate(t *testing.T) {
	p := open(t, estate(t))
	info, err := os.Stat(p.file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() >= 300_000 {
		t.Errorf("the page has %d bytes", info.Size())
	}
	if _, err := chromedp.Call(p.ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}); err != nil {
		t.Fatal(err)
	}
	p.painted()
	for _, title := range []string{"debian", "base-07", "service-0000"} {
		button := p.button(title)
		p.do(chromedp.ScrollIntoView(button))
		p.painted()
		var all []float64
		for range 10 {
			at := struct{ X, Y float64 }{}
			p.read(fmt.Sprintf(`(({ x, y, width, height }) => ({ X: x + width / 2, Y: y + height / 2 }))(document.querySelector(%q).getBoundingClientRect())`, button), &at)
			before := p.busy()
			p.do(chromedp.MouseClickXY(at.X, at.Y)) // and nothing else: looking for the button is no work of the page
			p.painted()
			all = append(all, 1000*(p.busy()-before))
			p.says(title)
			p.press("\x1b")
			p.painted()
		}
		slices.Sort(all)
		t.Logf("a click on %s takes %.0f ms of processor time, of 10 clicks; %d bytes", title, all, info.Size())
		if best := all[0]; best >= 50 { // the others share the processor's caches with whatever else runs
			t.Errorf("a click on %s takes %.0f ms of the processor", title, best)
		}
	}
	if got := len(p.listed()); got != 2061 {
		t.Errorf("%d are listed", got)
	}
}

// busy returns the seconds that the page has used of a processor.
func (p *page) busy() float64 {
	p.t.Helper()
	metrics, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range metrics.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value
		}
	}
	p.t.Fatal("the browser does not say TaskDuration")
	return 0
}

// The picture of the page in the documentation.
func TestScreenshot(t *testing.T) {
	p := open(t, sample(t), "--base", "base-python-ml@1.0.2")
	p.do(chromedp.EmulateViewport(1280, 720))
	p.painted()
	p.do(chromedp.Click(chromedp.CSS("#fit")))
	p.screenshot("../docs/images/graph.png")
}

// screenshot holds the picture of a page in the documentation to what the page looks like: its size, since letters differ
// from one machine to another. With -update it writes the picture.
func (p *page) screenshot(path string) {
	t := p.t
	t.Helper()
	p.painted()
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	small, err := fewColors(shot)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, small, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(small) > 150_000 || len(kept) > 150_000 {
		t.Errorf("the picture has %d bytes, that of docs/images %d", len(small), len(kept))
	}
	now, err := png.DecodeConfig(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	was, err := png.DecodeConfig(bytes.NewReader(kept))
	if err != nil || now.Width != was.Width || now.Height != was.Height {
		t.Errorf("the picture is %d by %d, that of docs/images %d by %d: %v", now.Width, now.Height, was.Width, was.Height, err)
	}
}

// fewColors keeps the 256 colours that a picture has most of, which makes it a small file.
func fewColors(data []byte) ([]byte, error) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	count := map[color.RGBA]int{}
	size := img.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) }
	for y := range size.Dy() {
		for x := range size.Dx() {
			count[at(x, y)]++
		}
	}
	var colors []color.RGBA
	for c := range count {
		colors = append(colors, c)
	}
	slices.SortFunc(colors, func(a, b color.RGBA) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return bytes.Compare([]byte{a.R, a.G, a.B}, []byte{b.R, b.G, b.B})
	})
	var palette color.Palette
	for _, c := range colors[:min(256, len(colors))] {
		palette = append(palette, c)
	}
	small, nearest := image.NewPaletted(size, palette), map[color.RGBA]uint8{}
	for y := range size.Dy() {
		for x := range size.Dx() {
			c := at(x, y)
			if _, ok := nearest[c]; !ok {
				nearest[c] = uint8(min(palette.Index(c), math.MaxUint8))
			}
			small.SetColorIndex(x, y, nearest[c])
		}
	}
	var b bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, small)
	return b.Bytes(), err
}

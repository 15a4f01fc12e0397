package monorepo

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
)

// Registry and namespace of the images that the repositories make.
const Registry = "registry.example/team"

// Bases that have known numbers of consumers: Fifty is named by exactly 50
// Dockerfiles at every size, ThreeHundred by exactly 300 where there are 700
// Dockerfiles or more, and by none where there are fewer. All of them are services
// on a patch release of the base below [Patched], none of them pinned.
const (
	Fifty        = "base-29"
	ThreeHundred = "base-30"
	// Chained is the base at the end of the longest chain: a patch of it goes
	// through four other bases to the services.
	Chained = "base-01"
	// Patched is a version of any base that nothing is on yet, one patch step from
	// all that there is.
	Patched = "1.0.99"
)

// bases is the number of bases that the repository makes, base-01 to base-30.
const bases = 30

// A file is one file of the repository at one time.
type file struct {
	path     string
	seed     uint64 // of what it says
	revision int    // how often it has been changed
	write    func(f *file, r *rand.Rand) string
	unit     unit
}

// A unit is what a Dockerfile stands for: a base or a service.
type unit struct {
	name string
	dir  string
	base int // for a base its number, for a service 0
	on   int // the base it stands on, 0 for one from upstream
}

// text returns the file's content, the same for the same seed and revision.
func (f *file) text() string { return f.write(f, rand.New(rand.NewPCG(f.seed, 0))) }

// churn returns in how many of a hundred commits the file is changed. Dockerfiles
// change more often than most files.
func (f *file) churn() int {
	if strings.Contains(path.Base(f.path), "ockerfile") {
		return 4
	}
	return 1
}

var (
	areas    = words("billing catalog checkout identity insights inventory logistics media messaging platform pricing search")
	teams    = words("amber basalt cedar delta ember falcon garnet harbor indigo juniper")
	nouns    = words("account archive audit batch budget cart claim coupon courier customer event export feed invoice label ledger order parcel payment profile quote refund report review session shipment stock tax token voucher")
	roles    = words("api bridge cron gateway importer indexer notifier proxy reader scheduler syncer worker")
	below    = words(". src deploy src/internal/model tests src/handlers config src/internal/store docs tests/data")
	scripted = words("run.sh migrate.sh seed.sh")
)

func words(s string) []string { return strings.Fields(s) }

// layout returns all files in the order of their units.
func layout(spec Spec) []*file {
	var files []*file
	add := func(u unit, name string, write func(*file, *rand.Rand) string) {
		files = append(files, &file{path: path.Join(u.dir, name), seed: uint64(len(files)) + 1, write: write, unit: u})
	}
	for n := 1; n <= bases; n++ {
		name := fmt.Sprintf("base-%02d", n)
		u := unit{name: name, dir: "bases/" + name, base: n, on: standsOn(n)}
		add(u, "Dockerfile", dockerfile)
		add(u, "README.md", prose)
		for i := range fillers(spec.Files/spec.Dockerfiles-2, 8) {
			add(u, fmt.Sprintf("rootfs/etc/part-%d.conf", i), settings)
		}
	}
	services := spec.Dockerfiles - bases
	on := consumers(services)
	left := spec.Files - len(files)
	for s := range services {
		u := service(s)
		u.on = on[s]
		size := left/services + map[bool]int{true: 1}[s < left%services]
		// The first is the Dockerfile; it stays so where there is room for no more.
		add(u, dockerfileName(s, u), dockerfile)
		extra := builtBy(s)
		for i := 1; i < size; i++ {
			switch {
			case i == 1 && extra != nil:
				add(u, extra.name, extra.write)
			case i == 2 && s%4 == 1:
				add(u, "scripts/"+scripted[s/4%len(scripted)], script)
			default:
				name, write := source(s, i)
				add(u, name, write)
			}
		}
	}
	return files
}

// fillers bounds how many files a base gets beside its Dockerfile, so that small
// repositories keep to their number of files.
func fillers(room, most int) int { return max(0, min(room, most)) }

// standsOn makes chains of bases: 01 to 05 and 06 to 09 each on the one before, the
// others on 01, 06 or upstream. The last two, which have known consumers, have no
// part in it.
func standsOn(n int) int {
	switch {
	case n >= 2 && n <= 5 || n >= 7 && n <= 9:
		return n - 1
	case n >= 10 && n <= 28 && n%4 == 0:
		return 1
	case n >= 10 && n <= 28 && n%4 == 1:
		return 6
	}
	return 0
}

// consumers says for each service which base it stands on.
func consumers(services int) []int {
	on := make([]int, services)
	r := rand.New(rand.NewPCG(2, 2))
	for s := range on {
		if r.IntN(100) < 45 {
			on[s] = 1 + r.IntN(28)
		}
	}
	spread := func(base, count int) {
		for k := range count {
			s := k * services / count
			for on[s] >= 29 {
				s = (s + 1) % services
			}
			on[s] = base
		}
	}
	spread(29, 50)
	if services >= 670 {
		spread(30, 300)
	}
	return on
}

// service names the service and its directory: a hundred and twenty to an area,
// twelve to a team.
func service(s int) unit {
	area := areas[s/120%len(areas)]
	if round := s / 120 / len(areas); round > 0 {
		area += fmt.Sprintf("-%d", round+1)
	}
	name := fmt.Sprintf("%s-%s-%04d", nouns[s%len(nouns)], roles[s/7%len(roles)], s)
	return unit{name: name, dir: path.Join(area, teams[s/12%len(teams)], name)}
}

// dockerfileName is mostly Dockerfile; some say what they are for, and some lie
// deeper.
func dockerfileName(s int, u unit) string {
	switch {
	case s%33 == 5:
		return "Dockerfile.prod"
	case s%33 == 6:
		return u.name + ".Dockerfile"
	case s%10 == 3:
		return "deploy/docker/Dockerfile"
	}
	return "Dockerfile"
}

// A builder is a file that says how an image is built.
type builder struct {
	name  string
	write func(*file, *rand.Rand) string
}

// builtBy returns the file that builds a service, for one service in twenty.
func builtBy(s int) *builder {
	if s%20 != 7 {
		return nil
	}
	return []*builder{{"compose.yaml", compose}, {"Makefile", makefile}, {"scripts/build.sh", buildScript}}[s/20%3]
}

// source names the i-th file of service s, about ten to a directory.
func source(s, i int) (string, func(*file, *rand.Rand) string) {
	dir := fmt.Sprintf("src/pkg/part-%d", i/10)
	if i/10 < len(below) {
		dir = below[i/10]
	}
	ending := []string{"go", "py", "ts", "java"}[s%4]
	switch {
	case dir == "." && i%10 == 3:
		return "README.md", prose
	case dir == "config" || dir == "deploy" || dir == "." && i%3 == 0:
		return fmt.Sprintf("%s/part-%d.yaml", dir, i), settings
	case dir == "docs":
		return fmt.Sprintf("%s/part-%d.md", dir, i), prose
	case dir == "tests/data":
		return fmt.Sprintf("%s/case-%d.json", dir, i), settings
	}
	return fmt.Sprintf("%s/part_%d.%s", dir, i, ending), code
}

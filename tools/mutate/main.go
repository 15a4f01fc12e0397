// Mutate puts deliberate faults into the code, one at a time, and tells which of them
// the tests see. It prints a table of the faults and a list of those that survived,
// each with the lines that it changed.
//
//	go run ./tools/mutate -n 300 -seed 1 scanner graph
//
// The files are never touched: the go command gets a mutant as an overlay. Which
// mutants are drawn is a function of the seed and the code.
//
// # Limitations
//
// A survivor may do the same as the code that it was made of. Nothing but a reader
// tells that. A mutant may take all memory: run it below "ulimit -v".
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// defaultPackages are where the rules are.
var defaultPackages = []string{"scanner", "graph", "bumper", "internal/publish", "internal/release", "internal/imageref", "internal/monorepo"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], ".", os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	n       int
	seed    uint64
	match   *regexp.Regexp
	skip    string
	without string
	first   string
	tests   string
	most    bool
	own     bool
	sure    bool
	jobs    int
	list    bool
	names   []string // of the packages
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.n, "n", 40, "how many mutants are `drawn`")
	flags.Uint64Var(&o.seed, "seed", 0, "the `number` that the draw follows from (default: one that is printed)")
	match := flags.String("match", "", "of the mutants that are drawn, test those whose place and operator match this `expression`, such as 'parse\\.go:12:'")
	flags.StringVar(&o.skip, "skip", "Cache|RateLimit|Token|Hostile", "the `tests` that are not run, for what they take")
	flags.StringVar(&o.without, "without", "internal/arch", "the `package` whose tests build the program themselves, without the fault")
	flags.StringVar(&o.first, "first", "internal/cli", "the `package` that is asked first of those that depend on the mutant's")
	flags.StringVar(&o.tests, "run", "", "the `tests` of that package that are run (default: all)")
	flags.BoolVar(&o.most, "most", false, "ask no other package than these two: far from all, and most of what there is to see")
	flags.IntVar(&o.jobs, "j", 1, "how many mutants are tested at a `time`")
	flags.BoolVar(&o.own, "own", false, "run the tests of a mutant's own package alone")
	flags.BoolVar(&o.sure, "sure", false, "do not run the tests without a fault first")
	flags.BoolVar(&o.list, "list", false, "list the mutants that are drawn, and test none")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var err error
	if o.match, err = regexp.Compile(*match); err != nil {
		return o, fmt.Errorf("-match: %w", err)
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano())
	}
	if o.names = flags.Args(); len(o.names) == 0 {
		o.names = defaultPackages
	}
	return o, nil
}

// run does what the arguments ask for in the module of dir.
func run(ctx context.Context, args []string, dir string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	w, err := load(ctx, dir)
	if err != nil {
		return err
	}
	out := &printer{to: stdout}
	t := &tester{options: o, world: w, sources: map[string][]byte{}, checkers: map[*pkg]*checker{}}
	drawn, of, err := t.draw()
	if err != nil {
		return err
	}
	out.printf("seed %d: %d of %d mutants of %s\n\n", o.seed, len(drawn), of, strings.Join(o.names, " "))
	if o.list {
		for _, m := range drawn {
			out.printf("%s %s\n", m.place(), m.operator)
		}
		return out.err
	}
	if t.temporary, err = os.MkdirTemp("", "mutate"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(t.temporary) }()
	if err := t.build(ctx, drawn); err != nil {
		return err
	}
	fates, err := t.judgeAll(ctx, drawn, out)
	if err != nil {
		return err
	}
	t.conclude(out, drawn, fates)
	return out.err
}

// A printer prints for several goroutines, and keeps the first error.
type printer struct {
	to    io.Writer
	mutex sync.Mutex
	err   error
}

func (p *printer) printf(format string, args ...any) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	_, err := fmt.Fprintf(p.to, format, args...)
	p.err = cmp.Or(p.err, err)
}

// judgeAll tests mutants, and prints what became of each once it is known.
func (t *tester) judgeAll(ctx context.Context, drawn []*mutant, out *printer) ([]fate, error) {
	fates := make([]fate, len(drawn))
	var group errgroup.Group
	group.SetLimit(max(1, t.jobs))
	for i, m := range drawn {
		group.Go(func() (err error) {
			if fates[i], err = t.judge(ctx, i+1, m); err != nil {
				return err
			}
			out.printf("%4d  %-40s  %-20s  %s\n", i+1, m.place(), m.operator, fates[i])
			return nil
		})
	}
	return fates, group.Wait()
}

// draw returns the mutants to test, and of how many they were drawn.
func (t *tester) draw() (drawn []*mutant, of int, err error) {
	var all []*mutant
	for _, name := range t.names {
		p, err := t.world.find(name)
		if err != nil {
			return nil, 0, err
		}
		found, c, err := t.world.mutants(p, t.sources)
		if err != nil {
			return nil, 0, err
		}
		t.checkers[p] = c
		all = append(all, found...)
	}
	// Weak randomness, which can be repeated.
	random := rand.New(rand.NewPCG(t.seed, 0)) //nolint:gosec // see above
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, m := range all {
		if len(drawn) == t.n {
			break
		}
		if t.checkers[m.pkg].compiles(m.file, m.apply(t.sources[m.file])) {
			drawn = append(drawn, m)
		}
	}
	drawn = slices.DeleteFunc(drawn, func(m *mutant) bool { return !t.match.MatchString(m.place() + " " + m.operator) })
	return drawn, len(all), nil
}

// conclude prints the sums and the survivors by place.
func (t *tester) conclude(out *printer, drawn []*mutant, fates []fate) {
	var survivors []*mutant
	total, killed := map[string]int{}, map[string]int{} // by package
	for i, m := range drawn {
		total[t.world.short(m.pkg)]++
		if fates[i].killer == "" {
			survivors = append(survivors, m)
		} else {
			killed[t.world.short(m.pkg)]++
		}
	}
	out.printf("\n%-20s %6s %6s\n", "package", "drawn", "killed")
	for _, name := range slices.Sorted(maps.Keys(total)) {
		out.printf("%-20s %6d %6d\n", name, total[name], killed[name])
	}
	dead := len(drawn) - len(survivors)
	out.printf("%-20s %6d %6d  %.1f %%\n", "all", len(drawn), dead, 100*float64(dead)/float64(max(1, len(drawn))))
	slices.SortFunc(survivors, func(a, b *mutant) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.start, b.start)) })
	for _, m := range survivors {
		out.printf("\n%s  %s\n%s", m.place(), m.operator, m.diff(t.sources[m.file]))
	}
}

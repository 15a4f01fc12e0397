package monorepo

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/matihlabs/propagate/graph"
	"github.com/matihlabs/propagate/internal/buildfile"
	"github.com/matihlabs/propagate/internal/cache"
	"github.com/matihlabs/propagate/internal/gitrepo"
	"github.com/matihlabs/propagate/internal/gitrepo/clone"
	"github.com/matihlabs/propagate/internal/gitrepo/remote"
	"github.com/matihlabs/propagate/internal/publish"
	"github.com/matihlabs/propagate/internal/registry"
	"github.com/matihlabs/propagate/internal/snapshot"
	"github.com/matihlabs/propagate/internal/source"
)

// Options say what is opened, and with which surroundings.
type Options struct {
	Dir    string // any directory inside of a repository, a plain directory, or the URL of a repository
	Ref    string // the revision that is read; "HEAD" for a plain directory
	Config string // the file that holds the configuration; "" for the one of the revision
	FS     fs.FS  // a tree that is read as it is, in place of Dir and Ref; nil for these

	Program  string // tells this program from all others in the cache
	CacheDir string // where what was found out is kept; "" keeps nothing
	Now      func() time.Time
	Getenv   func(string) string // what git asks for: who commits, and when
	GitHub   GitHub
	Registry registry.Options // how registries are asked; Hosts are those of the configuration, and these

	// Listen is told what there is to say; nil for nobody.
	Listen func(Message)
}

// A Repository is one revision of a repository, or a plain directory, as it was read.
// Nothing in it changes any more.
type Repository struct {
	*snapshot.Snapshot
	Revision gitrepo.Revision // the zero one for a plain directory
	Dir      string           // the root of the work tree or of the plain directory; "" for a bare repository

	ctx        context.Context //nolint:containedctx // a Repository is of one command; the graph reads its history when it is first asked for
	incomplete bool            // something could not be read
	histories  int             // lines for which the history was searched
	options    Options
	git        *gitrepo.Repo // nil for a plain directory
	clone      *clone.Clone  // of a repository that is named by a URL; nil for any other
	address    remote.Address
	source     snapshot.Source
	files      *snapshot.Files
	store      *cache.Store
	record     string                        // where the record for shells is; "" for nowhere
	graph      *graph.Graph                  // nil until it is asked for
	built      map[string][]*buildfile.Build // by Dockerfile; nil until it is asked for
	mirrored   func() [][]string             // see Repository.mirrors

	// Unclear counts what could not be told of who makes the images that the last plan reaches.
	Unclear int

	registries *registry.Client // asks registries, with what the configuration says of them

	remote string // that Push goes to, and the kind of its server; "" for what PushTo says
	server publish.Server
	via    CommitVia

	hosts   []string        // of GitHub, as the configuration has them; nil until it is read
	changed <-chan []string // see Repository.LookForChanges
	close   []func() error
}

// Open reads a revision: its configuration, its build files and its Dockerfiles. A
// Dockerfile that cannot be read is marked so. The error is an [*InputError] for a
// directory or revision that is not there and for a wrong configuration, that of
// reading, or that of ctx.
func Open(ctx context.Context, options Options) (*Repository, error) {
	r := &Repository{ctx: ctx, options: options}
	r.mirrored = sync.OnceValue(r.mirrors)
	err := r.open()
	if err == nil {
		err = r.read(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close releases what the repository holds open.
func (r *Repository) Close() error {
	var errs []error
	for _, f := range r.close {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// Name is what messages call the revision or the directory.
func (r *Repository) Name() string {
	if r.git == nil {
		return r.Dir
	}
	return fmt.Sprintf("commit %.12s", r.Revision.Commit)
}

// open finds the repository and its revision, or the plain directory.
func (r *Repository) open() error {
	o := &r.options
	o.doing("reading the repository")
	if o.FS != nil {
		r.source = snapshot.Directory(o.FS, o.Now())
		r.files = snapshot.All(r.source)
		return nil
	}
	if o.isURL() {
		return r.openURL()
	}
	git, err := gitrepo.Open(o.Dir)
	if errors.Is(err, gitrepo.ErrNotRepository) {
		return r.openDirectory()
	}
	if err != nil {
		if info, statErr := os.Stat(o.Dir); errors.Is(statErr, fs.ErrNotExist) || statErr == nil && !info.IsDir() {
			return invalid(fmt.Errorf("-C %w", err), source.Hint(err))
		}
		return err
	}
	r.git, r.Dir = git, git.WorkTree()
	git.SetGuard(r.guard())
	r.close = append(r.close, git.Close)
	return r.openRevision(o.Ref)
}

// openRevision finds the commit that is read.
func (r *Repository) openRevision(ref string) (err error) {
	if r.Revision, err = r.git.Resolve(ref); err != nil {
		if errors.Is(err, gitrepo.ErrUnknownRevision) || errors.Is(err, gitrepo.ErrNotCommit) {
			return invalid(err, source.Hint(err))
		}
		return err
	}
	if r.source, err = snapshot.Commit(r.git, r.Revision.Commit); err != nil {
		return err
	}
	r.files, r.store = snapshot.All(r.source), r.openCache(r.git.Dir())
	return nil
}

func (r *Repository) openDirectory() error {
	o := &r.options
	if o.Ref != "HEAD" {
		return invalid(fmt.Errorf("--ref %s: %s is in no git repository", o.Ref, o.Dir), "a plain directory is read as it is: leave --ref out")
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return err
	}
	r.close = append(r.close, root.Close)
	r.source = snapshot.Directory(root.FS(), o.Now())
	r.files = snapshot.All(r.source)
	if r.Dir, err = filepath.Abs(o.Dir); err == nil {
		r.store = r.openCache(r.Dir)
	}
	o.detail("%s is in no git repository: its files are read as they are", o.Dir)
	return err
}

// openCache opens the cache for the repository or directory at dir.
func (r *Repository) openCache(dir string) *cache.Store {
	path := r.options.storePath(dir)
	if path == "" {
		return nil
	}
	r.record = r.options.recordPath(dir)
	return cache.Open(path)
}

// storePath is where the cache for a repository or directory is; "" for nowhere.
func (o *Options) storePath(dir string) string {
	if o.CacheDir == "" {
		return ""
	}
	key := cache.KeyOf(dir)
	return filepath.Join(o.CacheDir, hex.EncodeToString(key[:]))
}

// read reads the configuration and all that the repository consists of.
func (r *Repository) read(ctx context.Context) error {
	o := &r.options
	c, err := r.readConfig(ctx)
	if err != nil {
		return err
	}
	if r.clone == nil || o.Config != "" { // nobody sends a token where a repository that is fetched wants it
		r.hosts = c.GitHub.Hosts
	}
	hosts := map[string]registry.Host{}
	maps.Copy(hosts, o.Registry.Hosts)
	o.Registry.Hosts = hosts
	for host, says := range c.Registries {
		o.Registry.Hosts[host] = registry.Host(says)
	}
	r.registries = registry.New(o.Registry)
	o.doing("reading the files of %s", r.Name())
	r.Snapshot, r.files, err = snapshot.Read(ctx, r.source, snapshot.Options{Config: c, Cache: r.store, Program: o.Program, Names: r.names(), Found: func(n int) func() { return o.counting(n, "Dockerfile", "reading the files of %s", r.Name()) }})
	if err != nil {
		return err
	}
	o.notes(r.Notes)
	o.notes(c.Ended(o.Now()))
	if err := r.store.Save(); err != nil {
		o.detail("the cache cannot be written: %v", err)
	}
	o.detail("read %s at %s", source.Count(len(r.AllDockerfiles()), "Dockerfile"), r.Name())
	for _, e := range r.Unreadable {
		r.lack(e)
	}
	r.noteBuilds()
	if n := len(r.Templates); n > 0 {
		o.detail("passed over %s:", source.Count(n, "template"))
		for _, path := range r.Templates {
			o.detail("  %s", source.Clean(path))
		}
	}
	return nil
}

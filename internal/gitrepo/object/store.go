package object

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Options say which repository a [Store] is of.
type Options struct {
	GitDir    string // of a work tree
	CommonDir string // of all work trees, with the objects
	Format    Format
	Git       *Program // nil to read without git
	Partial   string   // what a partial clone has left at its remote, as its filter says; "" if nothing
	Replaced  bool     // there are replacement objects
}

// A Store has the objects of a repository, and those of the repositories it borrows from.
// Several goroutines may use it.
type Store struct {
	Options
	writers sync.Pool // of *looseWriter
	asked   atomic.Int32
	whys    sync.Map // the errors of missing, by ID

	mu     sync.Mutex // guards what follows
	idle   []source
	err    error       // why no source can be opened, or os.ErrClosed
	isHere map[ID]bool // what a partial clone is known to have
}

// Open opens the objects of a repository. Without git, a repository that only git can read
// is an error that wraps ErrNeedsGit.
func Open(opts Options) (*Store, error) {
	s := &Store{Options: opts}
	if s.Git != nil {
		return s, nil
	}
	switch {
	case s.Format.Name != SHA1.Name:
		return nil, fmt.Errorf("its objects are named by %s: %w", strings.ToUpper(s.Format.Name), ErrNeedsGit)
	case s.Replaced:
		return nil, fmt.Errorf("some of its objects are replaced by others (refs/replace): %w", ErrNeedsGit)
	}
	// The lists of alternates are read once, so that what is wrong with them is said now.
	first, err := openGoGit(s.dir())
	if err != nil {
		return nil, err
	}
	s.idle = []source{first}
	return s, nil
}

// dir is where objects are written.
func (s *Store) dir() string { return filepath.Join(s.CommonDir, "objects") }

// source returns one that nobody uses; it is to be given back.
func (s *Store) source() (source, error) {
	s.mu.Lock()
	if n := len(s.idle); n > 0 {
		src := s.idle[n-1]
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		return src, nil
	}
	err := s.err
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	var src source
	if s.Git == nil {
		src, err = openGoGit(s.dir())
	} else {
		src, err = s.Git.openCatFile(s.Format)
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err == nil {
			s.err = err // it would be the same for every other object
		}
		return nil, err
	}
	return src, nil
}

func (s *Store) giveBack(src source) {
	s.mu.Lock()
	closed := errors.Is(s.err, errClosed)
	if !closed {
		s.idle = append(s.idle, src)
	}
	s.mu.Unlock()
	if closed {
		_ = src.close() // it was only read
	}
}

var errClosed = errors.New("the repository is closed")

// Close ends all that was started to read. The Store and its Readers are not used
// afterwards.
func (s *Store) Close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.err = nil, errClosed
	s.mu.Unlock()
	// A process takes its time to end.
	errs := make([]error, len(idle))
	var closing sync.WaitGroup
	for i, src := range idle {
		closing.Go(func() { errs[i] = src.close() })
	}
	closing.Wait()
	return errors.Join(errs...)
}

// Read returns one object of the given kind.
func (s *Store) Read(id ID, want Kind) ([]byte, error) {
	rd := s.Reader()
	defer rd.Close()
	return rd.Read(id, want)
}

// KindOf returns the kind of an object. The error wraps ErrMissing if it is not here.
func (s *Store) KindOf(id ID) (kind Kind, err error) {
	rd := s.Reader()
	defer rd.Close()
	rd.Infos([]ID{id}, func(_ int, k Kind, _ int64, e error) { kind, err = k, e })
	return kind, err
}

// Absent returns those of the ids whose objects are not here, each once.
func (s *Store) Absent(ids []ID) (absent []ID, err error) {
	each := once(ids)
	if s.Git != nil && s.mayLack("") {
		return s.absent(s.unsure(each))
	}
	rd := s.Reader()
	defer rd.Close()
	rd.Infos(each, func(i int, _ Kind, _ int64, e error) {
		if errors.Is(e, ErrMissing) {
			absent = append(absent, each[i])
		} else if e != nil && err == nil {
			err = fmt.Errorf("looking for object %s: %w", each[i], e)
		}
	})
	return absent, err
}

// once returns the ids without those that stand there twice.
func once(ids []ID) []ID {
	seen := make(map[ID]bool, len(ids))
	each := make([]ID, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			each = append(each, id)
		}
	}
	return each
}

// WithPrefix returns the ids that begin with the given hexadecimal digits, of which there
// are at least four.
func (s *Store) WithPrefix(ctx context.Context, digits string) ([]ID, error) {
	var found []ID
	if s.Git == nil {
		src, err := s.source()
		if err != nil {
			return nil, err
		}
		defer s.giveBack(src)
		if found, err = src.(*goGit).withPrefix(digits); err != nil {
			return nil, err
		}
	} else {
		out, err := s.Git.Output(ctx, "", "rev-parse", "--disambiguate="+digits)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(out) {
			if id, ok := ParseID(strings.TrimSpace(line)); ok {
				found = append(found, id)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// maxAsked bounds how often git is asked why it does not find an object.
const maxAsked = 10

// missing finds out whether an object is damaged that git calls missing.
func (s *Store) missing(id ID) error {
	if s.Git == nil || s.Partial != "" {
		return ErrMissing
	}
	if known, ok := s.whys.Load(id); ok {
		err, _ := known.(error)
		return err
	}
	if s.asked.Add(1) > maxAsked {
		return ErrMissing
	}
	err := s.whyMissing(id)
	s.whys.Store(id, err)
	return err
}

func (s *Store) whyMissing(id ID) error {
	_, err := s.Git.Output(context.Background(), "", "cat-file", "-t", id.String())
	if git := (*GitError)(nil); errors.As(err, &git) && strings.Contains(git.Said, "error: ") && !strings.Contains(git.Said, "alternate") {
		return corrupt(git)
	}
	return ErrMissing
}

func corrupt(err error) error { return fmt.Errorf("it is corrupt: %w", err) }

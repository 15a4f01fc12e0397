package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A LogEntry is what the reflog says of a branch that was made or moved: who did
// it, when, and how, in one line.
type LogEntry struct {
	Who     Signature
	Message string
}

// line returns the entry as git writes it.
func (e LogEntry) line(old, to ID) (string, error) {
	who, err := signature("committer", e.Who)
	if err != nil {
		return "", err
	}
	before := old.String()
	if old == "" {
		before = strings.Repeat("0", len(to.String()))
	}
	return fmt.Sprintf("%s %s %s <%s> %d %s\t%s\n", before, to, who.Name, who.Email, who.When.Unix(), who.When.Format("-0700"),
		strings.Join(strings.Fields(e.Message), " ")), nil
}

// startsLogs says whether core.logAllRefUpdates wants a reflog for each branch,
// which is git's default unless the repository is bare. A log that is there is
// written to in any case.
func (r *Repo) startsLogs() bool {
	if len(r.config.values("core", "", "logallrefupdates")) == 0 {
		return r.workTree != ""
	}
	return r.config.isTrue("core", "", "logallrefupdates") // "always" is more than branches
}

// appendLog writes a line to the reflog of a branch. The logs of branches lie in
// the directory that all work trees share.
func (r *Repo) appendLog(name, line string) error {
	path := filepath.Join(r.commonDir, "logs", filepath.FromSlash(headsPrefix+name))
	flags := os.O_WRONLY | os.O_APPEND
	starts := r.startsLogs()
	if starts {
		flags |= os.O_CREATE
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if isDir(path) {
			// git leaves directories of branches that are gone.
			if err := removeEmpty(path); err != nil {
				return err
			}
		}
	}
	file, err := os.OpenFile(path, flags, 0o666)
	if err != nil && !starts && (errors.Is(err, fs.ErrNotExist) || isDir(path)) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(line)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

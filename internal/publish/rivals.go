package publish

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/matihlabs/propagate/internal/bots"
	"github.com/matihlabs/propagate/internal/forge"
)

// A Rival is an open pull request of another bot that edits what a change edits.
type Rival struct {
	Pull   forge.Pull
	Bot    string // bots.Renovate or bots.Dependabot
	Change int    // the index of the change
	Image  string // that both move, as the bot writes it
	// Files are those of the change that the bot edits as well, by path: all that move the
	// image where the pull request does not say in which directory.
	Files []string
}

// Rivals finds the open pull requests of Renovate and Dependabot that edit what changes
// edit, in the order of the changes and of the pull requests. It asks nobody: the branch, the
// title and the text of such a pull request say which image it moves, and those of
// Dependabot in which directory. Only pull requests into the branch base are of interest.
func Rivals(pulls []forge.Pull, changes []Change, base string) []Rival {
	var rivals []Rival
	for i, change := range changes {
		moved := movedBy(change)
		for _, pull := range pulls {
			bot := botOf(pull)
			if bot == "" || pull.State != forge.Open || pull.Base != base {
				continue
			}
			if rival := meet(pull, bot, moved); rival.Image != "" {
				rival.Change = i
				rivals = append(rivals, rival)
			}
		}
	}
	return rivals
}

// botOf returns the bot that opened a pull request; "" is for anybody else.
func botOf(pull forge.Pull) string {
	author := strings.TrimSuffix(strings.ToLower(pull.Author), "[bot]")
	switch {
	case author == "dependabot", author == "dependabot-preview", strings.HasPrefix(pull.Branch, "dependabot/"), strings.HasPrefix(pull.Branch, "dependabot-docker"):
		return bots.Dependabot
	case author == "renovate", author == "renovate-bot", author == "mend-renovate", strings.HasPrefix(pull.Branch, "renovate/"):
		return bots.Renovate
	}
	return ""
}

// A moved is an image that a change moves, and the files in which it does.
type moved struct {
	repository string
	files      []string
}

// movedBy returns the images of a change, sorted.
func movedBy(change Change) []moved {
	var all []moved
	for _, item := range change.Items {
		for _, repository := range item.Moved() {
			i := slices.IndexFunc(all, func(m moved) bool { return m.repository == repository })
			if i < 0 {
				i = len(all)
				all = append(all, moved{repository: repository})
			}
			all[i].files = append(all[i].files, item.File.Path)
		}
	}
	for i := range all {
		slices.Sort(all[i].files)
		all[i].files = slices.Compact(all[i].files)
	}
	slices.SortFunc(all, func(a, b moved) int { return strings.Compare(a.repository, b.repository) })
	return all
}

// meet finds the image that a pull request of a bot and a change both move.
func meet(pull forge.Pull, bot string, images []moved) Rival {
	for _, image := range images {
		for _, name := range bots.Names(image.repository) {
			var files []string
			if bot == bots.Dependabot {
				files = dependabot(pull, name, image.files)
			} else if renovate(pull, name) {
				files = image.files
			}
			if len(files) > 0 {
				return Rival{Pull: pull, Bot: bot, Image: name, Files: files}
			}
		}
	}
	return Rival{}
}

var (
	// bumps is a title of Dependabot: "Bump team/base from 1.0.0 to 1.0.1 in /services/ml".
	bumps = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\b(?:bump|update) (\S+) (?:from \S+ )?to \S+(?: in (/\S*))?`)
	})
	// updates is a title of Renovate: "Update team/base Docker tag to v1.0.1", or digest.
	updates = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)\b(?:update|pin|replace) (?:dependency )?(\S+?)(?::\S+)? docker (?:tag|digest|image)`)
	})
)

// dependabot returns those of the files that a pull request of Dependabot edits, if it
// moves the image. Its branches are dependabot/docker/DIRECTORY/IMAGE-VERSION, with the
// target branch before the directory where one is configured, and with another separator
// where that is.
func dependabot(pull forge.Pull, name string, files []string) []string {
	title := bumps().FindStringSubmatch(pull.Title)
	if title != nil && title[1] != name {
		return nil
	}
	if title != nil && title[2] != "" {
		return slices.DeleteFunc(slices.Clone(files), func(file string) bool { return path.Join("/", path.Dir(file)) != path.Clean(title[2]) })
	}
	rest, ok := strings.CutPrefix(dashed(pull.Branch), "dependabot-docker-")
	rest = strings.TrimPrefix(rest, "compose-")
	var edited []string
	for _, file := range files {
		own := dashed(path.Join(path.Dir(file), name))
		if ok && (isVersionOf(rest, own) || isVersionOf(rest, dashed(pull.Base)+"-"+own)) {
			edited = append(edited, file)
		}
	}
	switch {
	case len(edited) > 0:
		return edited
	case title != nil, ok && listed(pull.Body, name): // in several directories, or of several images
		return files
	}
	return nil
}

// isVersionOf reports whether the end of a branch is a name with a version behind it.
func isVersionOf(topic, name string) bool {
	version, ok := strings.CutPrefix(topic, name+"-")
	version = strings.TrimPrefix(version, "v")
	return ok && version != "" && version[0] >= '0' && version[0] <= '9'
}

// renovate reports whether a pull request of Renovate moves the image. Its branches are
// renovate/IMAGE-VERSION with dashes for slashes, where the prefix is not another one; it
// edits all files that name the image, unless it is told otherwise.
func renovate(pull forge.Pull, name string) bool {
	if m := updates().FindStringSubmatch(pull.Title); m != nil {
		return m[1] == name
	}
	topic, ok := strings.CutPrefix(pull.Branch, "renovate/")
	return ok && isVersionOf(topic, dashed(name)) || listed(pull.Body, name)
}

// dashed writes a name as the branches of bots have it.
func dashed(name string) string {
	return strings.NewReplacer("/", "-", "_", "-", "|", "-", ":", "-").Replace(name)
}

// listed reports whether the text of a pull request lists an image: as the text of a link,
// as code, or as a cell of a table.
func listed(body, name string) bool {
	for _, form := range []string{"[" + name + "]", "`" + name + "`", "| " + name + " |"} {
		if strings.Contains(body, form) {
			return true
		}
	}
	return false
}

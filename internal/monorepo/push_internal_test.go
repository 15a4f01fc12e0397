package monorepo

import (
	"testing"
	"time"

	"github.com/matihlabs/propagate/internal/gitrepo/gittest"
	"github.com/matihlabs/propagate/internal/publish"
)

// A job of GitLab pushes to GitLab if the remote is on the server that runs the job.
func TestServerOfAJob(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		host string
		env  map[string]string
		want publish.Server
	}{
		{"git.corp.example", map[string]string{"GITLAB_CI": "true", "CI_SERVER_HOST": "git.corp.example"}, publish.GitLab},
		{"git.corp.example", map[string]string{"GITLAB_CI": "true", "CI_SERVER_HOST": "other.example"}, publish.None},
		{"git.corp.example", map[string]string{"CI_SERVER_HOST": "git.corp.example"}, publish.None},
		{"git.corp.example", nil, publish.None},
		{"github.com", nil, publish.GitHub},
	} {
		dir := gittest.Init(t, map[string]string{"a/Dockerfile": "FROM debian:12\n"})
		gittest.Git(t, dir, "remote", "add", "origin", "https://"+test.host+"/o/r.git")
		repo, err := Open(t.Context(), Options{Dir: dir, Ref: "HEAD", Program: "test", Getenv: func(name string) string { return test.env[name] }, Now: time.Now, Listen: func(Message) {}})
		if err != nil {
			t.Fatal(err)
		}
		push, err := repo.pushed()
		if err != nil || push.Server != test.want {
			t.Errorf("at %s with %v it is %q, want %q: %v", test.host, test.env, push.Server, test.want, err)
		}
		_ = repo.Close()
	}
}

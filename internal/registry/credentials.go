package registry

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/matihlabs/propagate/internal/redact"
)

// hubKeys are the names under which credentials of Docker Hub are kept.
var hubKeys = []string{"https://index.docker.io/v1/", hub, hubServer, "registry-1.docker.io", "auth.docker.io"}

// helperTime bounds what a credential helper may take.
const helperTime = 30 * time.Second

// credentials are what a registry knows somebody by.
type credentials struct {
	Username      string `json:"username"`
	Password      string `json:"password"`
	IdentityToken string `json:"identitytoken"` // a token server gives tokens for it
	RegistryToken string `json:"registrytoken"` // a token of the registry itself
}

// A dockerConfig is what is of interest in Docker's configuration file.
type dockerConfig struct {
	where   string // as people call it
	Auths   map[string]dockerAuth
	Store   string            `json:"credsStore"`
	Helpers map[string]string `json:"credHelpers"`
}

type dockerAuth struct {
	credentials
	Auth string `json:"auth"` // user:password in base64
}

// keys are the credentials of registries.
type keys struct {
	getenv func(string) string
	read   sync.Once
	all    []dockerConfig    // the first that has credentials counts
	known  memo[credentials] // by the repository
	helped memo[credentials] // by the helper and the registry

	mu      sync.Mutex
	secrets []string
	broken  map[string]error // why there are no credentials for a registry that should have some
}

// of returns the credentials of a registry for a repository of it; none if nothing has any. Where
// they should be and cannot be read, it goes on without them: the registry may be public.
func (k *keys) of(ctx context.Context, registry, repository string) credentials {
	k.read.Do(k.load)
	found, _ := k.known.ask(ctx, registry+"/"+repository, false, func() (credentials, error) {
		for _, config := range k.all {
			found, err := k.in(ctx, config, registry, repository)
			if err != nil {
				k.fail(registry, fmt.Errorf("%s: %w", config.where, err))
			}
			if found != (credentials{}) {
				k.remember(found.Password, found.IdentityToken, found.RegistryToken)
				if found.Username != "" {
					k.remember(found.Username + ":" + found.Password)
				}
				return found, nil
			}
		}
		if token := k.getenv("GITHUB_TOKEN"); registry == "ghcr.io" && token != "" && k.getenv("GITHUB_ACTIONS") == "true" {
			k.remember(token)
			user := k.getenv("GITHUB_ACTOR")
			if user == "" {
				user = "x-access-token"
			}
			return credentials{Username: user, Password: token}, nil
		}
		return credentials{}, ctx.Err()
	})
	return found
}

// in looks for credentials in one configuration: those for the repository and what is above it,
// as podman login writes them, and those of the registry.
func (k *keys) in(ctx context.Context, config dockerConfig, registry, repository string) (credentials, error) {
	for path := registry + "/" + repository; strings.Contains(path, "/"); path = path[:strings.LastIndex(path, "/")] {
		if auth, ok := config.Auths[path]; ok && auth != (dockerAuth{}) {
			return auth.decoded()
		}
	}
	names := []string{registry}
	if registry == hub {
		names = hubKeys
	}
	var failed error
	for _, name := range names {
		helper, ok := config.Helpers[name]
		if !ok && name == names[0] {
			helper = config.Store
		}
		if helper != "" {
			found, err := k.helped.ask(ctx, helper+" "+name, false, func() (credentials, error) { return k.help(ctx, helper, name) })
			if err != nil {
				failed = err
			} else if found != (credentials{}) {
				return found, nil
			}
		}
		for key, auth := range config.Auths {
			if auth != (dockerAuth{}) && (key == name || isURLOf(key, name)) {
				return auth.decoded()
			}
		}
	}
	return credentials{}, failed
}

// isURLOf reports whether a key is the URL of a registry, as old versions of Docker write it.
func isURLOf(key, registry string) bool {
	rest, secure := strings.CutPrefix(key, "https://")
	if !secure {
		var plain bool
		if rest, plain = strings.CutPrefix(key, "http://"); !plain {
			return false
		}
	}
	host, _, _ := strings.Cut(rest, "/")
	return host == registry
}

func (a dockerAuth) decoded() (credentials, error) {
	c := a.credentials
	if a.Auth != "" {
		pair, err := base64.StdEncoding.DecodeString(strings.TrimRight(a.Auth, "=") + strings.Repeat("=", (4-len(strings.TrimRight(a.Auth, "="))%4)%4))
		user, password, ok := strings.Cut(strings.TrimRight(string(pair), "\x00"), ":")
		if err != nil || !ok {
			return credentials{}, errors.New("an auth is no user:password in base64")
		}
		c.Username, c.Password = user, password
	}
	return c, nil
}

var helperName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// help asks a credential helper.
func (k *keys) help(ctx context.Context, helper, registry string) (credentials, error) {
	program := "docker-credential-" + helper
	if !helperName.MatchString(helper) {
		return credentials{}, fmt.Errorf("%q is no name of a credential helper", helper)
	}
	ctx, cancel := context.WithTimeout(ctx, helperTime)
	defer cancel()
	command := exec.CommandContext(ctx, program, "get") //nolint:gosec // the user's Docker configuration names it, and no path is taken
	command.Stdin = strings.NewReader(registry)
	command.WaitDelay = time.Second
	var out, complaint bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		said := strings.TrimSpace(out.String() + complaint.String())
		switch {
		case errors.Is(err, exec.ErrNotFound):
			return credentials{}, fmt.Errorf("the credential helper %s is not installed", program)
		case strings.Contains(said, "credentials not found"):
			return credentials{}, nil
		case said == "":
			said = err.Error()
		}
		return credentials{}, fmt.Errorf("the credential helper %s fails: %s", program, redact.New().Line(said))
	}
	var found struct{ Username, Secret string }
	if json.Unmarshal(out.Bytes(), &found) != nil {
		return credentials{}, fmt.Errorf("the credential helper %s gives no JSON", program)
	}
	if found.Username == "<token>" {
		return credentials{IdentityToken: found.Secret}, nil
	}
	return credentials{Username: found.Username, Password: found.Secret}, nil
}

// load reads the configurations: that of the environment, and the first file that there is.
func (k *keys) load() {
	if text := k.getenv("DOCKER_AUTH_CONFIG"); text != "" {
		k.parse("DOCKER_AUTH_CONFIG", []byte(text))
	}
	for _, path := range k.files() {
		text, err := os.ReadFile(path)
		if err == nil {
			k.parse(path, text)
			return
		}
		if !errors.Is(err, os.ErrNotExist) {
			k.fail("", err)
		}
	}
}

func (k *keys) parse(where string, text []byte) {
	config := dockerConfig{where: where}
	if err := json.Unmarshal(text, &config); err != nil {
		k.fail("", fmt.Errorf("%s is no Docker configuration", where))
		return
	}
	k.all = append(k.all, config)
}

// files are where Docker and podman keep credentials.
func (k *keys) files() []string {
	home := k.getenv("HOME")
	if runtime.GOOS == "windows" {
		home = k.getenv("USERPROFILE")
	}
	var all []string
	add := func(dir string, elements ...string) {
		if dir != "" {
			all = append(all, filepath.Join(append([]string{dir}, elements...)...))
		}
	}
	if dir := k.getenv("DOCKER_CONFIG"); dir != "" {
		add(dir, "config.json")
	} else {
		add(home, ".docker", "config.json")
	}
	add(k.getenv("REGISTRY_AUTH_FILE"))
	add(k.getenv("XDG_RUNTIME_DIR"), "containers", "auth.json")
	add(k.getenv("XDG_CONFIG_HOME"), "containers", "auth.json")
	add(home, ".config", "containers", "auth.json")
	return all
}

// remember keeps secrets out of errors.
func (k *keys) remember(secrets ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.secrets = append(k.secrets, secrets...)
}

func (k *keys) fail(registry string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken == nil {
		k.broken = map[string]error{}
	}
	k.broken[registry] = err
}

// failure returns why there are no credentials for a registry though there should be; nil if
// nothing is known of it.
func (k *keys) failure(registry string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.broken[registry]; err != nil {
		return err
	}
	return k.broken[""]
}

// redactor masks the credentials that were read and the tokens that were got, and other secrets.
func (k *keys) redactor(others []string) *redact.Redactor {
	k.mu.Lock()
	defer k.mu.Unlock()
	return redact.New(append(append([]string{}, others...), k.secrets...)...)
}

GOLANGCI_LINT_VERSION = v2.15.0
BUILDX_VERSION = v0.38.2
GORELEASER_VERSION = v2.16.0
CYCLONEDX_GOMOD_VERSION = v1.10.0

BIN = $(CURDIR)/bin
LINT = $(BIN)/golangci-lint-$(GOLANGCI_LINT_VERSION)
TOOLS = tools/node_modules/.package-lock.json
# For programs that run for seconds: compiling them takes a third of the time like this, and a tenth less where the
# compiler collects its garbage less often.
UNOPTIMISED = -gcflags='all=-N -l' -ldflags='-s -w'
COMPILE = GOGC=400 CGO_ENABLED=0
ENGINE = $(BIN)/buildkitd $(BIN)/buildctl $(BIN)/buildx
BROWSER_TOOLS = browsertest/node_modules/.package-lock.json
BENCH_TOOLS = bench/node_modules/.package-lock.json
FUZZTIME = 30s
# A guard against what never ends, on any machine: the go command's own ten
# minutes are too few for a slow one.
TEST_TIMEOUT = 60m

.PHONY: test race sweep tools descriptions check lint build live fuzz difftest scheduletest workflowtest browsertest enginetest engine-tools releasetest release-tools snapshot bench bench-tools command-pages clean

# The tests with all that they need. They reach nothing beyond this machine.
test: tools
	go test -timeout $(TEST_TIMEOUT) ./...

# The tests under the race detector, which makes them five to ten times slower. Those that take longest
# there are left out: they do much of the same, one thing after the other, and "make test" has them all.
SLOW = KillSweep|CacheOf(Commits|Directories)|CacheIsNoAuthority|ThreeHundredServices|GraphFiles|RequestsOfARun|AppTokens?(IsRevoked|EndInAFanOut)|Cost|Monorepos|Screens|OutputIsRepeatable|AllFailAlike|InitLosesNothing|DocumentsAreAsTheirSchemasSay
race: tools
	go test -timeout $(TEST_TIMEOUT) -race -vet=off -skip '^Test($(SLOW))$$' `go list ./... | grep -vE '/(bumper|graph|internal/(arch|imageref|mermaid|picture|properties|schedule|config|estate|estatepage|proposal|screen)|cmd/propagate|tools/.*|testdata)$$'`

# Every fault at every single request of runs that open, update and close pull requests:
# "make test" has each request go wrong in one way.
sweep:
	@mkdir -p $(BIN)
	go test -count=1 -timeout $(TEST_TIMEOUT) -run '^TestKillSweep$$' ./internal/cli -v -sweep >$(BIN)/sweep.log || { grep -vE '^ *(=== |--- PASS)' $(BIN)/sweep.log; exit 1; }
	@grep ' sweeps, ' $(BIN)/sweep.log

# The programs and data of the tests: installed again when what is asked for has
# changed.
tools: $(TOOLS)

$(TOOLS): tools/package.json tools/package-lock.json
	npm ci --prefix tools
	@test -x tools/node_modules/node/bin/node || { echo "npm ran no install scripts, and node is missing: npm config set ignore-scripts false" >&2; rm -f $@; exit 1; }
	@touch $@

# What the tests need of GitHub's description of its API, cut from the npm package
# that "make tools" installs: when that is another, or the tests have a new route.
descriptions: tools
	go test -count=1 -timeout $(TEST_TIMEOUT) -run '^TestDescriptionsAreCurrent$$' ./internal/forge/forgetest -update

# What a change has to pass.
check: lint
	go vet ./...
	$(MAKE) test
	$(MAKE) race

lint: $(LINT)
	$(LINT) run ./...

$(LINT):
	GOBIN=$(BIN) GOGC=400 go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	@mv $(BIN)/golangci-lint $@

build:
	go build -trimpath -o $(BIN)/ ./cmd/propagate

# The client against a real repository: GITHUB_TOKEN, GITHUB_REPOSITORY, and
# GITHUB_API_URL for a server of your own. Take a repository made for it.
live: tools
	go test -count=1 -timeout $(TEST_TIMEOUT) -tags live -run Live ./internal/forge/github

# Every fuzz target for FUZZTIME, one after the other.
fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -timeout $(TEST_TIMEOUT) -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -timeout $(TEST_TIMEOUT) -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

# The scanner against BuildKit's own compiler, in a module of its own.
difftest:
	cd difftest && go test -count=1 -timeout $(TEST_TIMEOUT) ./...

# docs/commands, from what the commands say of themselves.
command-pages:
	go run ./tools/commandpages -markdown docs/commands

# The ready-made schedules of docs/schedule, and the workflows of docs/ci.md, held to what the
# systems say that read them, in a module of its own.
scheduletest:
	cd scheduletest && go test -count=1 -timeout $(TEST_TIMEOUT) ./...

# The tests with a real BuildKit, which root runs on Linux with Debian's runc and busybox-static.
enginetest: engine-tools
	go test -count=1 -timeout $(TEST_TIMEOUT) -tags engine -run '^TestEngine' ./internal/cli

engine-tools: $(ENGINE)

# buildkitd, buildctl and buildx: compiling them takes four minutes of a processor, once.
$(ENGINE) &: enginetools/go.mod Makefile
	$(COMPILE) go build -C enginetools $(UNOPTIMISED) -o $(BIN)/ github.com/moby/buildkit/cmd/buildkitd github.com/moby/buildkit/cmd/buildctl
	GOBIN=$(BIN) $(COMPILE) go install $(UNOPTIMISED) github.com/docker/buildx/cmd/buildx@$(BUILDX_VERSION)
	@touch $@

# What a release is made of, held to what it promises: two programs of the same commit are the same bytes, and the
# package has what it should. With RELEASEFLAGS=-all every file is made twice and compared, not the programs of this system alone.
RELEASEFLAGS =
releasetest: release-tools
	go test -count=1 -timeout $(TEST_TIMEOUT) -tags release ./tools/releasetest $(RELEASEFLAGS)

# The files of a release, below dist, of what is checked out. The image and the signatures are not made.
snapshot: release-tools
	PATH=$(BIN):$$PATH goreleaser release --snapshot --clean --skip=publish,ko,sign

release-tools: $(BIN)/goreleaser $(BIN)/cyclonedx-gomod

$(BIN)/goreleaser: Makefile
	GOBIN=$(BIN) $(COMPILE) go install $(UNOPTIMISED) github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
	@touch $@

$(BIN)/cyclonedx-gomod: Makefile
	GOBIN=$(BIN) $(COMPILE) go install $(UNOPTIMISED) github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_GOMOD_VERSION)
	@touch $@

# The workflow of "propagate init workflow", and the action, run with act, in a module of its own: building
# act takes minutes where nothing of it is cached.
workflowtest:
	cd workflowtest && go test -count=1 -timeout $(TEST_TIMEOUT) ./...

# The pages that propagate writes, in Debian's chromium, in a module of its own.
browsertest: $(BROWSER_TOOLS)
	cd browsertest && go test -count=1 -timeout $(TEST_TIMEOUT) ./...

$(BROWSER_TOOLS): browsertest/package.json browsertest/package-lock.json
	npm ci --prefix browsertest --loglevel=error
	@touch $@

# What a node, a file and a dependent cost, and then propagate against the plain
# means of doing the same: BENCHFLAGS="-rows cold,warm", or for all that there is
# make bench-tools and BENCHFLAGS="-renovate-repo DIR".
bench:
	go test -timeout $(TEST_TIMEOUT) -run '^$$' -bench . ./scanner ./graph ./bumper
	cd bench && go run ./compare $(BENCHFLAGS)

# Renovate, half a gigabyte of it, to compare with. It runs on the Node.js that is
# installed beside it, so npm need not mind its own.
bench-tools: $(BENCH_TOOLS)

$(BENCH_TOOLS): bench/package.json bench/package-lock.json
	npm ci --prefix bench --loglevel=error
	@touch $@

clean:
	rm -rf bin dist tools/node_modules bench/node_modules browsertest/node_modules

package shell

import (
	"path"
	"strings"

	"github.com/matihlabs/propagate/internal/buildfile/reading"
	"github.com/matihlabs/propagate/internal/trace"
)

// A role is what a flag of a program that builds images says.
type role uint8

const (
	passedOver   role = iota + 1 // it takes a value that says nothing of the build
	theImage                     // a reference that the image gets
	theFile                      // the Dockerfile
	theContext                   // the context, which for most programs is an argument
	inContext                    // the directory of the context that is the context
	theTarget                    // the stage
	anArg                        // NAME=VALUE
	argFile                      // a file of these
	aPlatform                    // or several, with commas
	namedContext                 // NAME=VALUE
	theRegistry                  // where the images go, which have no registry of their own
	theSteps                     // a file that says what is built
	theFirst                     // what counts in the place of what the first FROM names
)

// Flags are those of a program that take a value.
type flags map[string]role

// flagsOf makes flags of lists of names. Where lists have one name, the later one counts.
func flagsOf(lists ...any) flags {
	all := flags{}
	for i := 0; i+1 < len(lists); i += 2 {
		for _, name := range strings.Fields(lists[i+1].(string)) {
			all[name] = lists[i].(role)
		}
	}
	return all
}

// ProgramOptions are flags of docker, podman, buildah and nerdctl in front of the word build.
const ProgramOptions = "--config -c --context -H --host -l --log-level --tlscacert --tlscert --tlskey --builder " +
	"--connection --url --identity --root --runroot --storage-driver --storage-opt --cgroup-manager --runtime --tmpdir " +
	"--registries-conf --registries-conf-dir --address -a --namespace -n --snapshotter --data-root --cni-path --cni-netconfpath --hosts-dir"

// Flags of docker build and of what is like it that say nothing of the build.
const otherOptions = "--add-host --allow --annotation --arch --attest --authfile --builder " +
	"--cache-from --cache-to --cache-ttl --call --cap-add --cap-drop --cert-dir --cgroup-parent --cgroupns --cpp-flag --cpu-period " +
	"--cpu-quota -c --cpu-shares --cpuset-cpus --cpuset-mems --creds --decryption-key --device --dns --dns-option --dns-search " +
	"--env --farm --format --from --group-add --hooks-dir --iidfile --ignorefile --invoke --ipc --isolation --jobs -j " +
	"--label --layer-label --logfile --manifest --memory -m --memory-swap --metadata-file --network --no-cache-filter --os " +
	"--os-feature --os-version --output -o --pid --policy --print --progress --provenance --retry --retry-delay " +
	"--root --runtime --runtime-flag --sbom --secret --security-opt --server-config --shm-size --sign-by --signature-policy " +
	"--source-date-epoch --ssh --timestamp --ulimit --unsetenv --unsetlabel --userns --userns-gid-map " +
	"--userns-gid-map-group --userns-uid-map --userns-uid-map-user --uts --variant --volume -v"

// What the flags of each program mean.
var (
	DockerFlags = flagsOf(passedOver, otherOptions, theFirst, "--from", theImage, "-t --tag", theFile, "-f --file", theTarget, "--target",
		anArg, "--build-arg", argFile, "--build-arg-file", aPlatform, "--platform", namedContext, "--build-context")
	depotFlags = flagsOf(passedOver, otherOptions+" --project --token --build-platform --save-tag --save-tags", theImage, "-t --tag", theFile, "-f --file",
		theTarget, "--target", anArg, "--build-arg", aPlatform, "--platform", namedContext, "--build-context")
	kanikoFlags = flagsOf(passedOver, "--cache-dir --cache-repo --cache-ttl --compression --compression-level --digest-file --git --ignore-path "+
		"--image-fs-extract-retry --image-name-with-digest-file --image-name-tag-with-digest-file --image-download-retry --insecure-registry --kaniko-dir --label "+
		"--log-format --oci-layout-path --push-retry --registry-certificate --registry-client-cert --registry-map --registry-mirror --snapshot-mode --snapshotMode "+
		"--skip-tls-verify-registry --tar-path --tarPath -v --verbosity --annotation --credential-helpers",
		theImage, "-d --destination", theFile, "-f --dockerfile", theContext, "-c --context", inContext, "--context-sub-path", theTarget, "--target",
		anArg, "--build-arg", aPlatform, "--custom-platform --customPlatform")
	acrFlags = flagsOf(passedOver, otherOptions+" -g --resource-group --agent-pool --auth-mode --log-template --secret-build-arg --subscription --timeout --suffix",
		theImage, "-t --image", theRegistry, "-r --registry", theFile, "-f --file", theTarget, "--target", anArg, "--build-arg", aPlatform, "--platform")
	gcloudFlags = flagsOf(passedOver, "--project --account --configuration --format --verbosity --billing-project --impersonate-service-account --substitutions "+
		"--timeout --machine-type --region --gcs-source-staging-dir --gcs-log-dir --ignore-file --worker-pool --disk-size --service-account --dir --revision "+
		"--default-buckets-behavior --pack", theImage, "-t --tag", theSteps, "--config")
)

// A program is a way to say on a command line that an image is to be built.
type program struct {
	names string // of the program, without its directory
	words string // those behind it, of which one has to follow, separated by ","; "" where the program does nothing else
	flags flags

	inContext bool   // the Dockerfile may be relative to the context, too
	here      bool   // without a context it is the directory that the command runs in
	unread    string // why nothing is known of what it builds; "" for a program that is understood
}

// programs are all that are known.
var programs = []program{
	{names: "docker nerdctl", words: "build,image build,builder build,buildx build,buildx b", flags: DockerFlags},
	{names: "podman", words: "build,image build,builder build,buildx build,buildx b", flags: DockerFlags, inContext: true, here: true},
	{names: "buildah", words: "build,bud,build-using-dockerfile", flags: DockerFlags, inContext: true, here: true},
	{names: "docker-buildx", words: "build,b", flags: DockerFlags},
	{names: anyTool, words: "build,image build,builder build,buildx build,buildx b,bud,build-using-dockerfile", flags: DockerFlags, inContext: true, here: true},
	{names: "depot", words: "build", flags: depotFlags},
	{names: "img", words: "build", flags: DockerFlags},
	{names: "executor", flags: kanikoFlags, inContext: true, here: true},
	{names: "az", words: "acr build", flags: acrFlags, inContext: true},
	{names: "gcloud", words: "builds submit,beta builds submit,alpha builds submit", flags: gcloudFlags, here: true},
	{names: "earthly", words: "", unread: "Earthfiles are not read"},
	{names: "werf", words: "build,converge", unread: "the files of werf are not read"},
	{names: "buildctl", words: "build", unread: "the arguments of buildctl are not read"},
	{names: "devcontainer", words: "build", unread: "devcontainer.json is read by itself, and not the image that the command makes of it"},
}

// programsByName are the programs by each of their names.
var programsByName = func() map[string][]*program {
	all := map[string][]*program{}
	for i := range programs {
		for _, name := range strings.Fields(programs[i].names) {
			all[name] = append(all[name], &programs[i])
		}
	}
	return all
}()

// A buildCommand is a command line that builds.
type buildCommand struct {
	*program
	name string       // what people call it: docker build
	args []trace.Text // behind these words
}

// commandOf returns the command that arguments are, the program first; ok is false for one
// that does not build.
func commandOf(args []trace.Text) (_ buildCommand, ok bool) {
	word := args[0].S
	if word != anyTool {
		word = word[strings.LastIndexByte(word, '/')+1:]
	}
	for _, p := range programsByName[word] {
		if p.words == "" {
			if p.mayBe(args[1:]) {
				return buildCommand{p, strings.TrimPrefix(args[0].S, "/"), args[1:]}, true
			}
			continue
		}
		for words := range strings.SplitSeq(p.words, ",") {
			if rest, ok := behind(args[1:], strings.Fields(words), ProgramOptions); ok {
				name := path.Base(args[0].S)
				if p.names == anyTool {
					name = "docker"
				}
				return buildCommand{p, name + " " + words, rest}, true
			}
		}
	}
	return buildCommand{}, false
}

// mayBe tells a program that needs no word from another that is called the same.
func (p *program) mayBe(args []trace.Text) bool {
	for _, a := range args {
		key, _, _ := a.Cut("=")
		if p.unread == "" && (p.flags[key.S] == theContext || p.flags[key.S] == theFile || p.flags[key.S] == theImage) {
			return true
		}
		if p.unread != "" && strings.Contains(a.S, "+") && !strings.HasPrefix(a.S, "-") {
			return true
		}
	}
	return false
}

// behind returns the arguments behind words, with options between them of which some take a
// value.
func behind(args []trace.Text, words []string, valued string) (rest []trace.Text, ok bool) {
	for len(words) > 0 {
		if len(args) == 0 {
			return nil, false
		}
		word := args[0].S
		args = args[1:]
		switch {
		case word == words[0]:
			words = words[1:]
		case !strings.HasPrefix(word, "-"):
			return nil, false
		case reading.Contains(valued, word):
			args = args[min(1, len(args)):]
		}
	}
	return args, true
}

// commandNames are the words of all commands that build.
var commandNames = func() []string {
	names := []string{"docker buildx bake", "depot bake", "docker compose build", "docker-compose build", "kaniko/executor"}
	for _, p := range programs {
		for _, name := range strings.Fields(p.names) {
			if name == anyTool || name == "executor" || name == "earthly" {
				continue
			}
			for _, words := range strings.Split(p.words, ",") {
				names = append(names, strings.TrimSpace(name+" "+words))
			}
		}
	}
	return names
}()

// partsOfCommands are in all of them.
var partsOfCommands = []string{"build", "bud", "bake", "kaniko", "converge"}

// CommandIn returns the command in a text that looks as if it built an image, ""
// for none.
func CommandIn(text string) string {
	if !reading.HasAny(text, partsOfCommands) {
		return ""
	}
	text = strings.Join(strings.Fields(text), " ")
	if strings.HasPrefix(text, "#") {
		return ""
	}
	for _, command := range commandNames {
		if hasWords(text, command) {
			return command
		}
	}
	return ""
}

// hasWords reports whether words stand in a text and are not parts of others.
func hasWords(text, words string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], words)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(words)
		at = end
		if (start == 0 || !reading.IsWordByte(text[start-1])) && (end == len(text) || !reading.IsWordByte(text[end])) {
			return true
		}
	}
}

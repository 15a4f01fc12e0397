package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/matihlabs/propagate/internal/config"
	"github.com/matihlabs/propagate/internal/source"
)

// What is wrong with a file is said in its own words, at the place of the item, with
// what to do about it. What follows ".propagate.yaml:" is the error, and behind " -> "
// its hint.
func TestWrongFiles(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"an unknown key":                                 {"ignore: []\nignored: []\n", `2:1: unknown key ignored -> did you mean ignore? the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema`},
		"an unknown key like none":                       {"ignore: []\nplatforms: []\n", `2:1: unknown key platforms -> the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema`},
		"a key a third of which is wrong":                {"ignoex: []\n", `1:1: unknown key ignoex -> did you mean ignore? the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema`},
		"a key more than a third of which is wrong":      {"ignxyz: []\n", `1:1: unknown key ignxyz -> the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema`},
		"a key between two":                              {"targes: []\n", `1:1: unknown key targes -> did you mean targets? the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema`},
		"a key in capitals":                              {"Ignore: []\n", `1:1: unknown key Ignore -> did you mean ignore? the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema`},
		"an unknown key below":                           {"dockerfiles:\n  exlude: [x]\n", `2:3: unknown key exlude of dockerfiles -> did you mean exclude? the keys of dockerfiles are include, exclude and own`},
		"an unknown key of an image":                     {"images:\n  a:\n    image: x/y\n    taget: z\n", `4:5: unknown key taget of images: a -> did you mean target? the keys of images: a are image, tags, target and context`},
		"an unknown key of a version":                    {"versions:\n  a: {file: f, patern: x}\n", `2:16: unknown key patern of versions: a -> did you mean pattern? the keys of versions: a are file, pattern, path and scheme`},
		"an unknown key of a reference":                  {"references:\n- {file: f, pattern: '(?P<image>.)(?P<version>.)'}\n", `2:4: unknown key file of an entry of references -> did you mean files? the keys of an entry of references are files, pattern, path, image, registry, repository, tag and digest`},
		"an unknown key of arguments":                    {"arguments:\n- files: f\n  to: x\n", `3:3: unknown key to of an entry of arguments -> the keys of an entry of arguments are files and for`},
		"a key that is a list":                           {"[a]: x\n", `1:1: a key of the file is a list, and no text`},
		"a key given twice":                              {"group: all\ngroup: team\n", `2:1: group is given twice, first in line 1 -> keep one of the two`},
		"a key below given twice":                        {"dockerfiles:\n  include: [a]\n  include: [b]\n", `3:3: include is given twice, first in line 2 -> keep one of the two`},
		"an image given twice":                           {"images:\n  a: x/y\n  \"a\": x/z\n", `3:3: a is given twice, first in line 2 -> keep one of the two`},
		"a number for a list":                            {"ignore: 3\n", `1:9: ignore takes a list, not the number 3 -> put it in brackets: ignore: [3]`},
		"a text for a list":                              {"labels: dependencies\n", `1:9: labels takes a list, not the text "dependencies" -> put it in brackets: labels: [dependencies]`},
		"a text with spaces for a list":                  {"ignore: svc/a, svc/b\n", `1:9: ignore takes a list, not the text "svc/a, svc/b" -> a list is written in brackets, or with - before each item`},
		"a mapping for a list":                           {"ignore: {a: b}\n", `1:9: ignore takes a list, not keys with values -> a list is written in brackets, or with - before each item`},
		"a mapping for a list in the next line":          {"ignore:\n  svc/a: true\n", `2:3: ignore takes a list, not keys with values -> a list is written in brackets, or with - before each item`},
		"a list for a mapping":                           {"dockerfiles: [a]\n", `1:14: dockerfiles takes keys with values, not a list -> the keys of dockerfiles are include, exclude and own`},
		"a list of images":                               {"images: [a]\n", `1:9: images takes keys with values, not a list -> from a pattern of Dockerfiles to an image: bases/java/Dockerfile: ghcr.io/team/java`},
		"targets that are a text":                        {"targets: runtime\n", `1:10: targets takes keys with values, not the text "runtime" -> from a pattern of Dockerfiles to the stage: services/a/Dockerfile: runtime`},
		"versions that are a number":                     {"versions: 1.0\n", `1:11: versions takes keys with values, not the number 1.0 -> from an image to a tag, file: and pattern: with a group (?P<version>…), file: and path:, or scheme: date, build-number, {base}-{n}`},
		"references that are a mapping":                  {"references: {files: f}\n", `1:13: references takes a list, not keys with values -> a list is written in brackets, or with - before each item`},
		"arguments that are a list of texts":             {"arguments: [versions.env]\n", `1:13: an entry of arguments takes keys with values, not the text "versions.env" -> the keys of an entry of arguments are files and for`},
		"a group that is a list":                         {"group: [team]\n", `1:8: group takes a text, not a list`},
		"a list in a list":                               {"ignore: [a, [b]]\n", `1:13: a pattern of ignore takes a text, not a list`},
		"a mapping in a list":                            {"labels:\n- a: b\n", `2:3: a label takes a text, not keys with values`},
		"a target that is a list":                        {"targets:\n  a: [b]\n", `2:6: targets: a takes a text, not a list`},
		"an image in a list in a list":                   {"images:\n  a: [[x]]\n", `2:7: images: a takes a text, not a list`},
		"include that is a text":                         {"dockerfiles:\n  include: docker/*.build\n", `2:12: dockerfiles.include takes a list, not the text "docker/*.build" -> a list is written in brackets, or with - before each item`},
		"a list at the root":                             {"- a\n", `1:1: the file takes keys with values, not a list -> the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema`},
		"a text at the root":                             {"hello\n", `1:1: the file takes keys with values, not the text "hello" -> the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema`},
		"an item without a value":                        {"ignore:\n- svc/a\n-\n", `3:2: a pattern of ignore has no value -> give it a value, or leave it out`},
		"a group without a value":                        {"group:\n", `1:7: group has no value -> give it a value, or leave it out`},
		"a target without a value":                       {"targets:\n  a:\n", `2:5: targets: a has no value -> give it a value, or leave it out`},
		"an image without a value":                       {"images:\n  a:\n", `2:5: images: a has no value -> give it a value, or leave it out`},
		"an entry of references without a value":         {"references:\n-\n", `2:2: an entry of references has no value -> the keys of an entry of references are files, pattern, path, image, registry, repository, tag and digest`},
		"a group that is none":                           {"labels: []\ngroup: teem\n", `2:8: group "teem" is none of service, directory, team, wave and all -> did you mean team? A name of your own, for one change that all is in, is less like them`},
		"a group that is no name":                        {"group: every month\n", `1:8: group "every month" is none of service, directory, team, wave and all, and no name either -> a name of your own, for one change that all is in, has up to 50 letters, digits, and . _ - inside`},
		"a host that is a URL":                           {"github:\n  hosts: [ok.example, 'https://ghes.example']\n", `2:23: github.hosts: "https://ghes.example" is no name of a host -> a name alone, without https:// and port, such as github.example.com`},
		"a host with a port":                             {"github:\n  hosts:\n    - ghes.example:443\n", `3:7: github.hosts: "ghes.example:443" is no name of a host -> a name alone, without https:// and port, such as github.example.com`},
		"a host with a dot behind":                       {"github: {hosts: [ghes.example.]}\n", `1:18: github.hosts: "ghes.example." is no name of a host -> a name alone, without https:// and port, such as github.example.com`},
		"a host in other letters":                        {"github: {hosts: [g\u0456thub.com]}\n", "1:18: github.hosts: \"g\u0456thub.com\" is no name of a host -> a name alone, without https:// and port, such as github.example.com"},
		"a pattern of hosts":                             {"github: {hosts: ['*.example']}\n", `1:18: github.hosts: "*.example" is no name of a host -> a name alone, without https:// and port, such as github.example.com`},
		"hosts that are a text":                          {"github: {hosts: ghes.example}\n", `1:17: github.hosts takes a list, not the text "ghes.example" -> put it in brackets: hosts: [ghes.example]`},
		"another key of github":                          {"github: {host: x}\n", `1:10: unknown key host of github -> did you mean hosts? the keys of github are hosts and limits`},
		"limits that are a number":                       {"github: {limits: 80}\n", `1:18: github.limits takes keys with values, not the number 80 -> the keys of github.limits are minute and hour`},
		"a limit of nothing":                             {"github: {limits: {minute: 0}}\n", `1:27: github.limits.minute: "0" is no such number -> a whole number from 1 to 3600`},
		"a limit with a unit":                            {"github: {limits: {hour: 500/h}}\n", `1:25: github.limits.hour: "500/h" is no such number -> a whole number from 1 to 3600`},
		"a limit beyond reason":                          {"github:\n  limits:\n    hour: 100000\n", `3:11: github.limits.hour: "100000" is no such number -> a whole number from 1 to 3600`},
		"a limit without a value":                        {"github: {limits: {hour: }}\n", `1:25: github.limits.hour has no value -> give it a value, or leave it out`},
		"an unknown code":                                {"diagnostics: {ignore: [unset-arg, unresolved-args]}\n", `1:35: diagnostics.ignore: there is no code "unresolved-args" -> did you mean unresolved-arg? a code is what stands in brackets behind the message`},
		"a code like none":                               {"diagnostics:\n  ignore:\n  - SC2086\n", `3:5: diagnostics.ignore: there is no code "SC2086" -> a code is what stands in brackets behind the message`},
		"a code that cannot be ignored":                  {"diagnostics:\n  ignore: [unreadable]\n", `2:12: diagnostics.ignore: unreadable cannot be ignored -> without the file the answer is incomplete: if it is not to be read, name it in dockerfiles.exclude`},
		"a code that ends a run":                         {"diagnostics:\n  ignore: [{code: two-makers}]\n", `2:19: diagnostics.ignore: two-makers cannot be ignored -> say under images: which Dockerfile makes the image`},
		"a key of ignore like another":                   {"ignore:\n- {path: a, unti: 2026-12-31}\n", `2:13: unknown key unti of an entry of ignore -> did you mean until? the keys of an entry of ignore are path, reason, owner and until`},
		"an entry of ignore without a path":              {"ignore:\n- b\n- {reason: old}\n", `3:3: ignore: an entry has no path -> add path: with a pattern of Dockerfiles`},
		"an entry of ignore that is empty":               {"ignore: [{}]\n", `1:10: ignore: an entry has no path -> add path: with a pattern of Dockerfiles`},
		"a path of ignore without a value":               {"ignore: [{path: }]\n", `1:17: a pattern of ignore has no value -> give it a value, or leave it out`},
		"a path of ignore that is not closed":            {"ignore: [{path: 'a['}]\n", `1:17: ignore: "a[" is no valid pattern -> every [ and { is closed; \ before one takes it as it is`},
		"paths of ignore":                                {"ignore: [{path: [a, b]}]\n", `1:17: a pattern of ignore takes a text, not a list`},
		"a day that there is not":                        {"ignore: [{path: a, until: 2026-02-30}]\n", `1:27: ignore: until: "2026-02-30" is no day of the calendar -> a day is written as year, month and day: 2026-12-31`},
		"a day in another order":                         {"ignore: [{path: a, until: 31.12.2026}]\n", `1:27: ignore: until: "31.12.2026" is no day of the calendar -> a day is written as year, month and day: 2026-12-31`},
		"a time of a day":                                {"ignore: [{path: a, until: 2026-12-31T00:00:00Z}]\n", `1:27: ignore: until: "2026-12-31T00:00:00Z" is no day of the calendar -> a day is written as year, month and day: 2026-12-31`},
		"a day without a value":                          {"ignore: [{path: a, until: }]\n", `1:27: ignore: until has no value -> give it a value, or leave it out`},
		"a reason that is empty":                         {"ignore: [{path: a, reason: ' '}]\n", `1:28: ignore: reason has no value -> give it a value, or leave it out`},
		"owners":                                         {"ignore: [{path: a, owner: [b]}]\n", `1:27: ignore: owner takes a text, not a list`},
		"a code that is a list":                          {"diagnostics: {ignore: [[unset-arg]]}\n", `1:24: a code of diagnostics.ignore takes a text, not a list`},
		"codes that are a text":                          {"diagnostics: {ignore: unset-arg}\n", `1:23: diagnostics.ignore takes a list, not the text "unset-arg" -> put it in brackets: ignore: [unset-arg]`},
		"files without a code":                           {"diagnostics:\n  ignore:\n  - files: legacy\n", `3:5: diagnostics.ignore: an entry has no code -> add code: with what stands in brackets behind the message`},
		"a code without files":                           {"diagnostics:\n  ignore:\n  - {code: unset-arg, files: []}\n", `3:5: diagnostics.ignore: an entry has no files -> add a pattern, or leave files: out for all files`},
		"a code with a pattern that is not closed":       {"diagnostics:\n  ignore:\n  - {code: unset-arg, files: 'a['}\n", `3:30: diagnostics.ignore: files: "a[" is no valid pattern -> every [ and { is closed; \ before one takes it as it is`},
		"another key of a code":                          {"diagnostics:\n  ignore:\n  - {code: unset-arg, path: a}\n", `3:23: unknown key path of an entry of diagnostics.ignore -> the keys of an entry of diagnostics.ignore are code and files`},
		"another key of diagnostics":                     {"diagnostics: {ignored: []}\n", `1:15: unknown key ignored of diagnostics -> did you mean ignore? the keys of diagnostics are ignore`},
		"a document behind empty ones":                   {"---\n---\n---\nignore: [a]\n", `3:1: a second document begins here, and only one is read -> keep everything in one document, without --- between`},
		"a pattern that is not closed":                   {"ignore: ['a[']\n", `1:10: ignore: "a[" is no valid pattern -> every [ and { is closed; \ before one takes it as it is`},
		"a pattern with a brace that is not closed":      {"ignore:\n- svc/a\n- 'svc/{a,b'\n", `3:3: ignore: "svc/{a,b" is no valid pattern -> every [ and { is closed; \ before one takes it as it is`},
		"an exception":                                   {"ignore: ['svc/**', '!svc/a/**']\n", `1:20: ignore: "!svc/a/**": a pattern makes no exceptions -> list what is meant and leave the rest out; a name that begins with ! is written \!`},
		"an exception without quotes":                    {"ignore:\n- !svc/a\n", `2:3: a pattern of ignore takes a text, and !svc/a is a tag -> a text that begins with ! is put in quotes`},
		"backslashes":                                    {"ignore: ['svc\\a\\Dockerfile']\n", `1:10: ignore: "svc\\a\\Dockerfile": \ separates no directories -> write / between directories: svc/a/Dockerfile`},
		"a backslash at the end":                         {"ignore: ['svc\\']\n", `1:10: ignore: "svc\\": \ separates no directories -> write / between directories: svc/`},
		"a way up":                                       {"ignore: [../other/**]\n", `1:10: ignore: "../other/**" has a .. in it -> a pattern is a path from the root of the repository, such as services/*/Dockerfile`},
		"a space behind a pattern":                       {"ignore: ['svc/a ']\n", `1:10: ignore: "svc/a " begins or ends with a space -> a pattern is a path from the root of the repository, such as services/*/Dockerfile`},
		"an empty pattern":                               {"dockerfiles: {exclude: ['']}\n", `1:25: dockerfiles.exclude: an empty path names nothing -> a pattern is a path from the root of the repository, such as services/*/Dockerfile`},
		"a pattern of images":                            {"images:\n  'a[': x/y\n", `2:3: images: "a[" is no valid pattern -> every [ and { is closed; \ before one takes it as it is`},
		"a pattern of targets":                           {"targets:\n  ../a: x\n", `2:3: targets: "../a" has a .. in it -> a pattern is a path from the root of the repository, such as services/*/Dockerfile`},
		"a pattern of arguments":                         {"arguments:\n- files: 'a['\n  for: ['b[', c]\n", "2:10: arguments: files: \"a[\" is no valid pattern -> every [ and { is closed; \\ before one takes it as it is\n3:9: arguments: for: \"b[\" is no valid pattern -> every [ and { is closed; \\ before one takes it as it is"},
		"an image with a tag":                            {"images:\n  a: team/x:1.0\n", `2:6: images: "team/x:1.0" is no repository -> say the tag with tags: {image: "team/x", tags: "1.0"}`},
		"no image":                                       {"images:\n  a: 'Not A Reference'\n", `2:6: images: "Not A Reference" is no repository -> a registry and path without a tag, such as ghcr.io/team/{dir}`},
		"a mapping without an image":                     {"images:\n  a: {target: x}\n", `2:6: images: a has no image -> add image: with a registry and path, such as ghcr.io/team/{dir}`},
		"an unknown capture":                             {"images:\n  \"bases/{name}/{line}\": {image: \"x/{nam}\", tags: \"{version}.*\"}\n", "2:34: images: bases/{name}/{line}: {nam} is no capture of the pattern -> did you mean {name}? its captures are {name}, {line}; {dir} is the name of the Dockerfile's directory\n2:51: images: bases/{name}/{line}: tags: {version} is no capture of the pattern -> its captures are {name}, {line}; {dir} is the name of the Dockerfile's directory"},
		"a capture without one in the pattern":           {"images: {bases: \"x/{name}\"}\n", `1:17: images: bases: {name} is no capture of the pattern -> the pattern has no captures, such as bases/{name}/Dockerfile; {dir} is the name of the Dockerfile's directory`},
		"unknown captures of a target and a context":     {"images:\n  a/{b}: {image: x/y, target: '{a}', context: 'a/{x}'}\n", "2:31: images: a/{b}: target: {a} is no capture of the pattern -> its captures are {b}; {dir} is the name of the Dockerfile's directory\n2:47: images: a/{b}: context: {x} is no capture of the pattern -> its captures are {b}; {dir} is the name of the Dockerfile's directory"},
		"a capture that is no word":                      {"images:\n  \"bases/{na-me}/Dockerfile\": x/y\n", `2:3: images: "bases/{na-me}/Dockerfile": {na-me} is no capture -> a capture is a word of letters, digits and _, such as {line}; alternatives have a comma between them; \ before a brace takes it as it is`},
		"a capture that begins with a digit":             {"images: {'a/{1x}': x/y}\n", `1:10: images: "a/{1x}": {1x} is no capture -> a capture is a word of letters, digits and _, such as {line}; alternatives have a comma between them; \ before a brace takes it as it is`},
		"an empty capture":                               {"images: {'a/{}': x/y}\n", `1:10: images: "a/{}": {} is no capture -> a capture is a word of letters, digits and _, such as {line}; alternatives have a comma between them; \ before a brace takes it as it is`},
		"a capture in two braces":                        {"images: {'a/{{x}}': x/y}\n", `1:10: images: "a/{{x}}": {{x}} is no capture -> a capture is a word of letters, digits and _, such as {line}; alternatives have a comma between them; \ before a brace takes it as it is`},
		"a capture with a slash":                         {"images: {'a/{x/y}': x/y}\n", `1:10: images: "a/{x/y}": {x/y} is no capture -> a capture is a word of letters, digits and _, such as {line}; alternatives have a comma between them; \ before a brace takes it as it is`},
		"a capture in alternatives":                      {"images: {'{a/{x},b}': x/y}\n", `1:10: images: "{a/{x},b}": a capture cannot stand in {a/{x},b} -> write an entry for each of the alternatives`},
		"a wrong pattern and its captures":               {"images: {'{a/{x}': 'x/{y}'}\n", `1:10: images: "{a/{x}" is no valid pattern -> every [ and { is closed; \ before one takes it as it is`},
		"no tags":                                        {"images: {a: {image: x/y, tags: }}\n", `1:32: images: a: tags has no value -> give it a value, or leave it out`},
		"an empty list of tags":                          {"images: {a: {image: x/y, tags: []}}\n", `1:32: images: a: tags is an empty list -> a whole tag, with * for any run of characters, such as 17.*; leave tags: out for all tags`},
		"an empty tag":                                   {"images: {a: {image: x/y, tags: ['1.*', '']}}\n", `1:40: images: a: tags has an empty tag -> a whole tag, with * for any run of characters, such as 17.*; leave tags: out for all tags`},
		"tags that are a mapping":                        {"images: {a: {image: x/y, tags: {a: b}}}\n", `1:32: images: a: tags takes a text, not keys with values`},
		"tags that are an expression":                    {"images: {a: {image: x/y, tags: '17\\..*'}}\n", `1:32: images: a: tags: no tag is like "17\\..*" -> a whole tag, with * for any run of characters, such as 17.*; leave tags: out for all tags`},
		"tags that no tag is like":                       {"images: {'{x}/D': {image: x/y, tags: [-1.*, '.{x}', 'x/{x}', '*', '**.1']}}\n", "1:39: images: {x}/D: tags: no tag is like \"-1.*\" -> a whole tag, with * for any run of characters, such as 17.*; leave tags: out for all tags\n1:45: images: {x}/D: tags: no tag is like \".{x}\" -> a whole tag, with * for any run of characters, such as 17.*; leave tags: out for all tags\n1:53: images: {x}/D: tags: no tag is like \"x/{x}\" -> a whole tag, with * for any run of characters, such as 17.*; leave tags: out for all tags"},
		"tags with alternatives":                         {"images: {a: {image: x/y, tags: '{17,21}.*'}}\n", `1:32: images: a: tags: {17,21} is no capture of the pattern -> alternatives are written out: tags takes a list, and an entry a list of images`},
		"an image with a tag of captures":                {"images: {'{n}/{l}/D': '{n}:5000/{n}:{l}.*'}\n", `1:23: images: "{n}:5000/{n}:{l}.*" is no repository -> say the tag with tags: {image: "{n}:5000/{n}", tags: "{l}.*"}`},
		"an image with a digest":                         {"images: {a: 'x/y@sha256:00'}\n", `1:13: images: "x/y@sha256:00" is no repository -> a registry and path without a tag, such as ghcr.io/team/{dir}`},
		"an image in a list without an image":            {"images:\n  a:\n    - {image: x/y}\n    - {target: z}\n", `4:7: images: a has no image -> add image: with a registry and path, such as ghcr.io/team/{dir}`},
		"an image in a list with a tag":                  {"images: {a: [x/y, 'x/z:1']}\n", `1:19: images: "x/z:1" is no repository -> say the tag with tags: {image: "x/z", tags: "1"}`},
		"an empty list of images":                        {"images: {a: []}\n", `1:13: images: a has no image -> add a registry and path without a tag, such as ghcr.io/team/{dir}, or leave the entry out`},
		"nothing in a list of images":                    {"images: {a: [~]}\n", `1:14: images: a has no value -> give it a value, or leave it out`},
		"an unknown key in a list of images":             {"images: {a: [{image: x/y, tag: '1'}]}\n", `1:27: unknown key tag of images: a -> did you mean tags? the keys of images: a are image, tags, target and context`},
		"one pattern in two ways":                        {"images:\n  svc/a: x/y\n  ./svc/a/**: x/z\n", `3:3: images: ./svc/a/** fits the same as svc/a in line 2 -> keep one of the two, with a list of images`},
		"a context with a way up":                        {"images:\n  a: {image: x/y, context: ../b}\n", `2:28: images: a: context: "../b" has a .. in it -> it is a path from the root of the repository, with / between directories`},
		"a version that is none":                         {"versions:\n  a: stable\n", `2:6: versions: "stable" is no version -> a tag, file: and pattern: with a group (?P<version>…), file: and path:, or scheme: date, build-number, {base}-{n}`},
		"a version of no image":                          {"versions:\n  a:1: 1.0.0\n", `2:3: versions: "a:1" is no image -> an image without a tag, or its last path components`},
		"a version from nowhere":                         {"versions:\n  a: {pattern: '(?P<version>x)'}\n", `2:6: versions: a has neither a tag, a file nor a scheme -> a tag, file: and pattern: with a group (?P<version>…), file: and path:, or scheme: date, build-number, {base}-{n}`},
		"a scheme that there is none of":                 {"versions:\n  a: {scheme: calver}\n", `2:15: versions: a: "calver" is no scheme: there are date, build-number, or a tag with {base} and {n}, such as {base}-{n}`},
		"a version of a file with a way up":              {"versions:\n  a: {file: ../VERSION}\n", `2:13: versions: a: file: "../VERSION" has a .. in it -> it is a path from the root of the repository, with / between directories`},
		"a version of a file with backslashes":           {"versions:\n  a: {file: 'build\\VERSION'}\n", `2:13: versions: a: file: "build\\VERSION": \ separates no directories -> it is a path from the root of the repository, with / between directories`},
		"an expression without a group":                  {"versions:\n  a: {file: f, pattern: x}\n", `2:25: versions: a: "x" has no group (?P<version>…) -> put what is the version in (?P<version>…)`},
		"no expression":                                  {"references:\n- files: f\n  pattern: '('\n", `3:12: references: "(" is no regular expression: missing closing ) -> a regular expression of RE2; in single quotes a \ is a character like others`},
		"a reference to nothing":                         {"references:\n- {files: f, pattern: '(?P<version>.)'}\n", `2:23: references: "(?P<version>.)" has no group (?P<image>…) -> put what is the image in (?P<image>…), or say it with image:`},
		"a reference nowhere":                            {"references:\n- {image: x/y, pattern: '(?P<version>.)'}\n", `2:3: references: an entry has no files -> add files: with a pattern or a list of them`},
		"a reference without an expression":              {"references:\n- files: f\n", `2:3: references: an entry has neither a pattern nor a path -> add pattern: with a group (?P<version>…), or path: for YAML and JSON, such as $.image.tag, $.images[*].tag, $.images[0] or $..image`},
		"a reference with a tag":                         {"references:\n- {files: f, image: 'x/y:1', pattern: '(?P<version>.)'}\n", `2:21: references: "x/y:1" is no repository -> a registry and path without a tag, such as ghcr.io/team/java`},
		"arguments for a capture that is none":           {"arguments:\n  \"{dir}/{name}.conf\": {for: \"{dir}/Dockerfile.{nam}\"}\n", `2:30: arguments: for: {nam} is no capture of the files -> did you mean {name}? the captures of {dir}/{name}.conf are {dir}, {name}`},
		"arguments for a capture of a plain file":        {"arguments:\n- files: a.conf\n  for:\n  - b\n  - \"{dir}/Dockerfile\"\n", `5:5: arguments: for: {dir} is no capture of the files -> a.conf has no captures, such as {name}`},
		"arguments for a capture of some of the files":   {"arguments:\n- {files: ['{a}.conf', 'x/{b}.conf'], for: '{a}/Dockerfile'}\n", `2:44: arguments: for: {a} is no capture of the files -> the captures of x/{b}.conf are {b}`},
		"a capture of arguments that is no word":         {"arguments:\n  '{na me}.conf':\n", `2:3: arguments: "{na me}.conf": {na me} is no capture -> a capture is a word of letters, digits and _, such as {line}; alternatives have a comma between them; \ before a brace takes it as it is`},
		"an unknown key of a pattern of arguments":       {"arguments:\n  a.conf: {fro: x}\n", `2:12: unknown key fro of arguments: a.conf -> the keys of arguments: a.conf are for`},
		"arguments that are a text":                      {"arguments: a.conf\n", `1:12: arguments takes a list, not the text "a.conf" -> put it in brackets: arguments: [a.conf]`},
		"a group of a reference that is none":            {"references:\n- files: f\n  pattern: 'image: (?P<imge>\\S+):(?P<version>\\S+)'\n", `3:24: references: there is no group imge to name -> did you mean image? the groups are version, registry and image; one that only holds together has no name: (?:…)`},
		"a group of a version that is none":              {"versions:\n  a: {file: f, pattern: '(?P<image>a)=(?P<version>.)'}\n", `2:30: versions: a: there is no group image to name -> the group is version; one that only holds together has no name: (?:…)`},
		"a group whose name is written otherwise":        {"references:\n- {files: f, pattern: \"(?P<version>.)(?P\\x3Cimage>.)(?<tag>.)\"}\n", `2:56: references: there is no group tag to name -> the groups are version, registry and image; one that only holds together has no name: (?:…)`},
		"a path that is none":                            {"references:\n- files: f\n  path: $.images[name].tag\n", `3:17: references: "$.images[name].tag" is no path: [name] is neither a number, * nor a key in quotes -> such as $.image.tag, $.images[*].tag, $.images[0] or $..image`},
		"a path from nowhere":                            {"references:\n- {files: f, path: images.tag}\n", `2:20: references: "images.tag" is no path: it does not begin with $ -> such as $.image.tag, $.images[*].tag, $.images[0] or $..image`},
		"a path that ends":                               {"versions: {a: {file: f, path: $.images.}}\n", `1:39: versions: a: "$.images." is no path: a key is missing behind the . -> such as $.image.tag, $.images[*].tag, $.images[0] or $..image`},
		"a path to a whole file":                         {"versions: {a: {file: f, path: $}}\n", `1:31: versions: a: "$" is no path: it names the whole file -> such as $.image.tag, $.images[*].tag, $.images[0] or $..image`},
		"a path and a pattern":                           {"references:\n- {files: f, path: $.a, pattern: '(?P<image>.)(?P<version>.)'}\n", `2:20: references: an entry has a pattern and a path -> make two entries of it`},
		"a path and a pattern of a version":              {"versions: {a: {file: f, pattern: '(?P<version>.)', path: $.a}}\n", `1:58: versions: a has a pattern and a path -> leave one of the two out`},
		"a pattern and a path of a version":              {"versions: {a: {file: f, path: $.a, pattern: '(?P<version>.)'}}\n", `1:31: versions: a has a pattern and a path -> leave one of the two out`},
		"a time zone without a name":                     {"policies: [{schedule: {cron: 0 6 * * *, timezone: ''}}]\n", `1:51: policies: schedule: timezone has no value -> give it a value, or leave it out`},
		"an image and a repository":                      {"references:\n  f: {path: $.a, image: x/y, repository: name}\n", `2:42: references: image and repository say the same -> leave one of the two out`},
		"a key with a pattern":                           {"references:\n  f: {tag: version, pattern: '(?P<image>.)(?P<version>.)'}\n", `2:12: references: tag goes with path, not with pattern -> a pattern says what is the image in (?P<image>…), the registry before it in (?P<registry>…), and the version in (?P<version>…)`},
		"an image of keys with a pattern":                {"references:\n  f: {image: 'x/{name}', pattern: '(?P<version>.)'}\n", `2:14: references: "x/{name}" is no repository -> with a pattern, the image is written out, or in (?P<image>…)`},
		"an unknown key of a pattern of references":      {"references:\n  charts: {paths: $..image}\n", `2:12: unknown key paths of references: charts -> did you mean path? the keys of references: charts are pattern, path, image, registry, repository, tag and digest`},
		"arguments from nowhere":                         {"arguments:\n- for: x\n", `2:3: arguments: an entry has no files -> add files: with a pattern or a list of them`},
		"an empty label":                                 {"labels: ['']\n", `1:10: a label is empty -> take it out`},
		"a long label":                                   {"labels: [abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijx]\n", `1:10: the label "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijx" is longer than 50 characters -> shorten it`},
		"several at once":                                {"ignore: 3\ngroup: teem\nlabel: [x]\n", "1:9: ignore takes a list, not the number 3 -> put it in brackets: ignore: [3]\n2:8: group \"teem\" is none of service, directory, team, wave and all -> did you mean team? A name of your own, for one change that all is in, is less like them\n3:1: unknown key label -> did you mean labels? the keys are dockerfiles, ignore, images, targets, versions, arguments, references, group, labels, branch-prefix, templates, pulls, policies, emergency, registries, github, diagnostics and schema"},
		"policies that are keys":                         {"policies: {level: minor}\n", `1:11: policies takes a list, not keys with values -> a list is written in brackets, or with - before each item`},
		"a policy that is a text":                        {"policies: [minor]\n", `1:12: an entry of policies takes keys with values, not the text "minor" -> the keys of an entry of policies are images, paths, level, skip-versions, min-age, moving, group, labels, reviewers, assignees, schedule, automerge and max-open`},
		"a key of a policy like another":                 {"policies:\n- {image: a, level: minor}\n", `2:4: unknown key image of an entry of policies -> did you mean images? the keys of an entry of policies are images, paths, level, skip-versions, min-age, moving, group, labels, reviewers, assignees, schedule, automerge and max-open`},
		"a policy that says nothing":                     {"policies:\n- {images: a}\n", `2:3: policies: an entry says nothing -> add what holds for these: level, skip-versions, min-age, moving, group, labels, reviewers, assignees, schedule, automerge or max-open`},
		"a policy without images":                        {"policies:\n- {images: [], level: minor}\n", `2:3: policies: an entry has no images -> add a pattern, or leave images: out for all images`},
		"a policy without paths":                         {"policies:\n- {paths: [], level: minor}\n", `2:3: policies: an entry has no paths -> add a pattern, or leave paths: out for all files`},
		"a policy with a key without a value":            {"policies:\n- {labels: , level: }\n", "2:12: policies: labels has no value -> give it a value, or leave it out\n2:21: policies: level has no value -> give it a value, or leave it out"},
		"images of a policy with a tag":                  {"policies:\n- {images: [a, 'python:3.13'], level: minor}\n", `2:16: policies: images: "python:3.13" has a tag or a digest, and a pattern of images has none -> a repository or its last path components, such as ghcr.io/team/base-java, base-java or "base-*"`},
		"an image of a policy that is none":              {"policies: [{images: Team/Base, level: minor}]\n", `1:21: policies: images: "Team/Base" is no image -> a repository or its last path components, such as ghcr.io/team/base-java, base-java or "base-*"`},
		"a pattern of a policy that is not closed":       {"policies: [{images: 'a[', paths: 'b{', level: minor}]\n", "1:21: policies: images: \"a[\" is no valid pattern -> every [ and { is closed; \\ before one takes it as it is\n1:34: policies: paths: \"b{\" is no valid pattern -> every [ and { is closed; \\ before one takes it as it is"},
		"a level that is none":                           {"policies: [{level: mayor}]\n", `1:20: policies: level: "mayor" is none of patch, minor and major -> did you mean major?`},
		"a way to move that is none":                     {"policies: [{moving: always}]\n", `1:21: policies: moving: "always" is none of pin, rebuild and ignore`},
		"a version to skip that is none":                 {"policies: [{skip-versions: [3.13.*, 'a b']}]\n", `1:37: policies: skip-versions: no tag is like "a b" -> a tag with * and ?, such as 3.13.* or "*-rc*", or a range, such as ">=4 <5", "<3.12" or 1.2.x`},
		"a range as of npm":                              {"policies: [{skip-versions: ^1.2}]\n", `1:28: policies: skip-versions: no tag is like "^1.2" -> a tag with * and ?, such as 3.13.* or "*-rc*", or a range, such as ">=4 <5", "<3.12" or 1.2.x`},
		"a range without a version":                      {"policies: [{skip-versions: '>=4 <'}]\n", `1:28: policies: skip-versions: ">=4 <" is no range of versions: "<" is no bound -> a tag with * and ?, such as 3.13.* or "*-rc*", or a range, such as ">=4 <5", "<3.12" or 1.2.x`},
		"a range with a text":                            {"policies: [{skip-versions: '>=4 5'}]\n", `1:28: policies: skip-versions: ">=4 5" is no range of versions: "5" is no bound -> a tag with * and ?, such as 3.13.* or "*-rc*", or a range, such as ">=4 <5", "<3.12" or 1.2.x`},
		"an age without a unit":                          {"policies: [{min-age: 7}]\n", `1:22: policies: min-age: "7" is no duration -> a number with its unit: 36h, 7d or 2w`},
		"an age below nothing":                           {"policies: [{min-age: -7d}]\n", `1:22: policies: min-age: "-7d" is no duration -> a number with its unit: 36h, 7d or 2w`},
		"an age beyond reason":                           {"policies: [{min-age: 11w9999d}]\n", `1:22: policies: min-age: 11w9999d is longer than 3650 days -> skip-versions leaves versions out for ever`},
		"a group of a policy that is a grouping":         {"policies: [{group: team}]\n", `1:20: policies: group: "team" is a way of grouping a whole run -> a name of your own, such as jvm, for the one change that these images are in`},
		"a group of a policy that is no name":            {"policies: [{group: 'a b'}]\n", `1:20: policies: group: "a b" is no name of a change -> it has up to 50 letters, digits, and . _ - inside`},
		"a label of a policy that is empty":              {"policies: [{labels: ['']}]\n", `1:22: a label is empty -> take it out`},
		"a team to assign":                               {"policies: [{assignees: [acme/web]}]\n", `1:25: policies: assignees: "acme/web" is nobody's name -> a login, such as octocat`},
		"a key of a schedule like another":               {"policies: [{schedule: {crom: x}}]\n", "1:23: policies: schedule: an entry has no cron -> add cron: with a cron expression, such as \"0 6 * * 1-5\"\n1:24: unknown key crom of policies: schedule -> did you mean cron? the keys of policies: schedule are cron and timezone"},
		"a schedule of four fields":                      {"policies: [{schedule: [0 6 * *]}]\n", `1:24: policies: schedule "0 6 * *": it has 4 fields, not 5 -> the fields are minute, hour, day of month, month and day of week: "0 6 * * 1-5" is 6:00 on workdays`},
		"a time zone that there is not":                  {"policies: [{schedule: {timezone: Europe/Berln, cron: '@daily'}}]\n", `1:34: policies: time zone "Europe/Berln": there is none of this name -> take a name of the IANA time zone database, such as Europe/Berlin, or UTC`},
		"a schedule that is no text":                     {"policies: [{schedule: {cron: [a], timezone: UTC}}]\n", `1:30: policies: schedule takes a text, not a list`},
		"a group of emergencies that there is not":       {"emergency: {group: teams}\n", `1:20: emergency: group: "teams" is none of service, directory, team, wave and all -> did you mean team?`},
		"a mark of emergencies on two lines":             {"emergency: {title-prefix: \"a\\nb\"}\n", `1:27: emergency: title-prefix: "a\nb" is no text on one line -> write it on one line, or leave it out`},
		"a mark of emergencies that is empty":            {"emergency: {title-prefix: ' '}\n", `1:27: emergency: title-prefix: " " is no text on one line -> write it on one line, or leave it out`},
		"skipped versions that are none":                 {"policies: [{skip-versions: {reason: x}}]\n", `1:28: policies: skip-versions: an entry has no versions -> add versions: with a tag or a range`},
		"a skipped version that is none":                 {"policies: [{skip-versions: {versions: 'a b', reason: x}}]\n", `1:39: policies: skip-versions: no tag is like "a b" -> a tag with * and ?, such as 3.13.* or "*-rc*", or a range, such as ">=4 <5", "<3.12" or 1.2.x`},
		"automerge that is a word":                       {"policies: [{automerge: yes}]\n", `1:24: policies: automerge: "yes" is none of true, false and now -> write true, false or now`},
		"no pull request at a time":                      {"policies: [{max-open: 0}]\n", `1:23: policies: max-open: "0" is no such number -> a whole number from 1 to 10000`},
		"registries that are a list":                     {"registries: [docker.io]\n", `1:13: registries takes keys with values, not a list -> from a registry, as references name it, to what is to be known of it: docker.io: {mirror: harbor.example/dockerhub}`},
		"a registry without a value":                     {"registries:\n  quay.io:\n", `2:11: registries: quay.io has no value -> the keys of registries: quay.io are mirror, insecure and optional`},
		"a key of a registry like another":               {"registries: {quay.io: {option: true}}\n", `1:24: unknown key option of registries: quay.io -> did you mean optional? the keys of registries: quay.io are mirror, insecure and optional`},
		"another name of docker.io":                      {"registries:\n  index.docker.io: {optional: true}\n", `2:3: registries: index.docker.io is another name of docker.io -> write docker.io, as references name it`},
		"a registry that is a URL":                       {"registries: {'https://quay.io/v2': {optional: true}}\n", `1:14: registries: "https://quay.io/v2" is a URL, and no name of a registry -> write quay.io, as references name it; {insecure: true} is for plain http`},
		"a registry with a path":                         {"registries: {quay.io/team: {optional: true}}\n", `1:14: registries: "quay.io/team" has a path, and is no name of a registry -> write quay.io: what is said holds for all its repositories`},
		"a registry that is a word":                      {"registries: {quay: {optional: true}}\n", `1:14: registries: "quay" is no name of a registry -> a host as references name it, with its port: quay.io, registry.example:5000, localhost:5000`},
		"a mirror that is a URL":                         {"registries: {docker.io: {mirror: 'https://harbor.example/hub'}}\n", `1:34: registries: docker.io: mirror: "https://harbor.example/hub" is no registry -> a registry and what stands in front of each repository there, without https:// and without a tag, such as harbor.example/dockerhub`},
		"a mirror with a slash behind":                   {"registries: {docker.io: {mirror: harbor.example/hub/}}\n", `1:34: registries: docker.io: mirror: "harbor.example/hub/" is no registry -> a registry and what stands in front of each repository there, without https:// and without a tag, such as harbor.example/dockerhub`},
		"a mirror that is another name of docker.io":     {"registries: {quay.io: {mirror: index.docker.io/quay}}\n", `1:32: registries: quay.io: mirror: index.docker.io is another name of docker.io -> write docker.io`},
		"a mirror of a mirror":                           {"registries:\n  docker.io: {mirror: harbor.example/hub}\n  harbor.example: {mirror: cache.example}\n", `2:23: registries: docker.io: mirror: harbor.example has a mirror itself -> write what is to be asked in the end`},
		"a mirror of itself":                             {"registries: {quay.io: {mirror: quay.io/x}}\n", `1:32: registries: quay.io: mirror: quay.io has a mirror itself -> write what is to be asked in the end`},
		"an insecure registry with a mirror":             {"registries:\n  docker.io: {mirror: harbor:80/hub, insecure: true}\n", `2:48: registries: docker.io is not asked itself, but its mirror is -> say it of the mirror: harbor:80: {insecure: true}`},
		"a tab":                                          {"dockerfiles:\n\tinclude: []\n", `2:1: a tab is no indentation -> indent with spaces`},
		"a tab behind spaces":                            {"dockerfiles:\n  include: []\n  \texclude: []\n", `3:3: a tab is no indentation -> indent with spaces`},
		"a bracket that is not closed":                   {"ignore: [\n", `1:1: a value is missing here -> close what is opened with [ or {, take out the comma too many, or quote the text`},
		"a brace that is not closed":                     {"targets: {a: b\n", `1:1: a mapping in braces is not closed -> end it with }, and separate its keys by commas; quote a pattern with braces`},
		"a brace in a pattern":                           {"ignore: [svc/{a,b}/**]\nlabels: [}]\n", `1:1: a list in brackets is not closed -> end it with ], and separate its items by commas; quote a pattern with braces`},
		"a quote that is not closed":                     {"ignore: ['svc/a]\n", `1:10: a quote is not closed -> end the text with the quote that it begins with`},
		"an escape":                                      {"references:\n- files: f\n  pattern: \"(?P<image>\\S+):(?P<version>\\S+)\"\n", `3:23: a \ in double quotes stands before a character that it does not go with -> put the text in single quotes, where \ is a character like others`},
		"a star without quotes":                          {"ignore: [*.docker]\n", `1:10: a text that begins with * or & has to be in quotes -> such as "*.docker"`},
		"two stars without quotes":                       {"ignore:\n- **/x\n", `2:3: a text that begins with * or & has to be in quotes -> such as "*.docker"`},
		"a name behind a star":                           {"ignore:\n- *x\n", `2:3: a text that begins with * has to be in quotes -> such as "*.docker"`},
		"a key without a colon":                          {"ignore\nlabels: []\n", `2:1: a value stands here in which a key begins -> indent keys of one level alike, and quote a text that holds a colon and a space`},
		"a colon too many":                               {"group: a: b\n", `1:1: a value stands here in which a key begins -> indent keys of one level alike, and quote a text that holds a colon and a space`},
		"keys that are indented otherwise":               {"dockerfiles:\n    include: []\n  exclude: []\n", `3:3: the line is indented unlike all above it -> indent keys of one level alike, and quote a text that begins with a special character`},
		"items that are indented otherwise":              {"ignore:\n  - a\n - b\n", `3:2: the line is indented unlike all above it -> indent keys of one level alike, and quote a text that begins with a special character`},
		"keys that are indented otherwise, further down": {"labels: []\n# x\ndockerfiles:\n    include: []\n\n  exclude: []\ngroup: all\n", `6:3: the line is indented unlike all above it -> indent keys of one level alike, and quote a text that begins with a special character`},
		"text behind a text, further down":               {"labels: []\ntargets:\n  a: b\n  c: \"d\" e\ngroup: all\n", `3:3: of the keys or items that begin here one has text behind its value, or is indented unlike the others -> indent keys of one level alike, and quote a text that begins with a special character`},
		"a brace without quotes, further down":           {"labels: []\ngroup: all\nimages: {a: x/{dir}}\n", `3:1: a mapping in braces is not closed -> end it with }, and separate its keys by commas; quote a pattern with braces`},
		"a bracket that is not closed, further down":     {"labels: []\ngroup: all\nignore: [a\n\n", `3:1: a list in brackets is not closed -> end it with ], and separate its items by commas; quote a pattern with braces`},
		"a quote that is not closed, further down":       {"labels: []\ngroup: all\nignore: [a, \"b]\n\n", `3:13: a quote is not closed -> end the text with the quote that it begins with`},
		"a list for a group":                             {"labels: []\ngroup: - a\n", `2:1: a list cannot begin here -> begin it in the line below its key`},
		"an at sign":                                     {"labels: [@team]\n", `1:1: a text cannot begin with this character -> put it in quotes`},
		"a percent sign":                                 {"%a\n", `1:1: a line cannot begin with % -> put the text in quotes`},
		"a second document":                              {"ignore: []\n---\nignore: [a]\n", `2:1: a second document begins here, and only one is read -> keep everything in one document, without --- between`},
		"a second document that is broken":               {"ignore: []\n---\nignore: [\n", `3:1: a value is missing here -> close what is opened with [ or {, take out the comma too many, or quote the text`},
		"an alias that holds itself":                     {"ignore: &a [*a]\n", `1:13: a pattern of ignore takes a text, not a list`},
		"a merge that holds itself":                      {"dockerfiles: &a\n  <<: *a\n", `2:7: << takes over from a mapping that takes over from others without end -> write out what the aliases stand for`},
		"a merge of a text":                              {"dockerfiles: {<<: x}\n", `1:19: << takes over from keys with values, not from the text "x"`},
		"UTF-16":                                         {"\xff\xfei\x00g\x00", `1:1: the file is UTF-16, and not UTF-8 -> save it as UTF-8`},
		"UTF-16 without a mark":                          {"i\x00g\x00", `1:1: the file is UTF-16, and not UTF-8 -> save it as UTF-8`},
		"no UTF-8":                                       {"ignore: [caf\xe9]\n", `1:13: the byte 0xe9 is no UTF-8 -> save it as UTF-8`},
		"a control character":                            {"ignore: [a\x1b]\n", `1:11: the control character 0x1b belongs in no text -> take it out`},
		"CRLF":                                           {"ignore: []\r\ngroup: a moon\r\n", `2:8: group "a moon" is none of service, directory, team, wave and all, and no name either -> a name of your own, for one change that all is in, has up to 50 letters, digits, and . _ - inside`},
		"a byte order mark":                              {"\xef\xbb\xbfgroup: teem\n", `1:11: group "teem" is none of service, directory, team, wave and all -> did you mean team? A name of your own, for one change that all is in, is less like them`},
		"letters of several bytes":                       {"ignore: [\"é\", 'a[']\n", `1:16: ignore: "a[" is no valid pattern -> every [ and { is closed; \ before one takes it as it is`},
		"a file too large":                               {strings.Repeat("# x\n", 300_000), ` it is larger than 1048576 bytes, and not read -> a pattern such as services/** stands for many files`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse(".propagate.yaml", []byte(tc.text))
			var all config.Errors
			if !errors.As(err, &all) {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			var got []string
			for _, e := range all {
				line := strings.TrimPrefix(e.Error(), ".propagate.yaml:")
				if e.Hint != "" {
					line += " -> " + e.Hint
				}
				got = append(got, line)
			}
			text := strings.Join(got, "\n")
			if text != tc.want {
				t.Errorf("got  %s\nwant %s", text, tc.want)
			}
			for _, word := range []string{"!!", "unmarshal", "[]string", "yaml: ", "map[", "error parsing"} {
				if strings.Contains(text, word) {
					t.Errorf("%q says %q", text, word)
				}
			}
			var placed *source.Error
			if !errors.As(err, &placed) || placed != all[0] {
				t.Errorf("the first error is %v", placed)
			}
		})
	}
}

// bomb is a document whose aliases would unfold to gigabytes.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		name := string(rune('a' + i + 1))
		before := string(rune('a' + i))
		b.WriteString(name + "0: &" + name + "0 [" + strings.TrimSuffix(strings.Repeat("*"+before+"0, ", 9), ", ") + "]\n")
	}
	b.WriteString("ignore: *m0\n")
	return b.String()
}

// Aliases cost no more than what they name, however much they would unfold to.
func TestAliases(t *testing.T) {
	many := "references:\n- &a\n  pattern: &p (?P<image>.)(?P<version>.)\n  files: &f [" + strings.Repeat("a, ", 300) + "a]\n" + strings.Repeat("- *a\n", 400)
	for _, text := range []string{bomb(), many} {
		_, err := config.Parse(".propagate.yaml", []byte(text))
		var all config.Errors
		if !errors.As(err, &all) || len(all) > 100 {
			t.Errorf("%d errors: %.300s", len(all), err)
		}
	}
	if _, err := config.Parse(".propagate.yaml", []byte(many)); err == nil || !strings.Contains(err.Error(), "there are more than 100000 values once every alias is followed") {
		t.Errorf("got %v", err)
	}
	c, err := config.Parse(".propagate.yaml", []byte("references:\n- &a {files: &f [a, b], image: x/y, pattern: '(?P<version>.)'}\n- {<<: *a, image: x/z}\narguments:\n- {files: *f}\nlabels: []\n"))
	if err != nil || len(c.References) != 2 || c.References[1].Image != "x/z" || len(c.References[1].Files) != 2 || !c.HoldsArguments("b") {
		t.Errorf("got %+v, %v", c, err)
	}
}

// What says nothing is no error.
func TestNothingSaid(t *testing.T) {
	for _, text := range []string{"", "# only a comment\n", "---\n", "---\n# x\n", "{}\n", "~\n", "ignore:\ndockerfiles:\nimages:\nversions:\ntargets:\narguments:\nreferences:\nlabels:\ndiagnostics:\n", "diagnostics: {ignore: }\n", "\xef\xbb\xbf", "\xef\xbb\xbflabels:\r\n", "ignore: []\n---\n", "ignore: []\n...\n"} {
		if c, err := config.Parse(".propagate.yaml", []byte(text)); err != nil || c.Labels != nil || c.Group != "" || ignores(c, "a") {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
}

package imageref

import (
	"slices"
	"strings"
)

// revisionWords stand before a number that counts how often one version was built or
// patched: -r24, -ls118, 8u392, 9.7_p1, 2017-CU5.
var revisionWords = []string{"r", "rev", "revision", "ls", "build", "bld", "p", "pl", "patch", "u", "cu", "post", "hotfix"}

// namesWithNumbers are words whose digits are a part of the name.
var namesWithNumbers = []string{
	"386", "aarch64", "amd64", "arm32", "arm32v5", "arm32v6", "arm32v7", "arm64", "arm64v8", "armv5", "armv6", "armv6l", "armv7", "armv7hf", "armv7l", "armv8",
	"e2e", "i18n", "i386", "i586", "i686", "k3s", "k8s", "loong64", "mips64", "mips64le", "p2p", "ppc64", "ppc64le", "riscv64", "s2i", "s390x", "win32", "win64", "x64", "x86",
}

// flavours are words behind which a lone number counts builds: 1.0.0-slim-3. Behind any
// other it is the version of what the word names: 3.9.0-temurin-17.
var flavours = []string{
	"alpine", "apache", "base", "ce", "cli", "debian", "debug", "dev", "dind", "ee", "fpm", "full", "jre", "minimal", "nginx", "nonroot", "prod", "rootless", "runtime", "slim",
}

// distributions are names whose number is a release of an operating system.
var distributions = []string{
	"al", "alma", "almalinux", "alpine", "amazonlinux", "amzn", "azurelinux", "bci", "centos", "debian", "el", "fc", "fedora", "leap", "ltsc", "mariner", "nanoserver",
	"ol", "opensuse", "oraclelinux", "photon", "rhel", "rocky", "rockylinux", "servercore", "sle", "sles", "stream", "ubi", "ubuntu", "windows", "windowsservercore",
}

// windows are the distributions with three numbers in a release: 10.0.14393.
var windows = []string{"nanoserver", "servercore", "windows", "windowsservercore"}

// codenames are the names of the releases of a distribution, in order.
var codenames = map[string][]string{
	"debian": {"sarge", "etch", "lenny", "squeeze", "wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke"},
	"ubuntu": {
		"hardy", "intrepid", "jaunty", "karmic", "lucid", "maverick", "natty", "oneiric", "precise", "quantal", "raring", "saucy", "trusty", "utopic", "vivid", "wily", "xenial",
		"yakkety", "zesty", "artful", "bionic", "cosmic", "disco", "eoan", "focal", "groovy", "hirsute", "impish", "jammy", "kinetic", "lunar", "mantic", "noble", "oracular", "plucky", "questing",
	},
}

// codename returns whose release a word names, and which one in order.
func codename(word string) (distribution string, release int, ok bool) {
	for _, name := range [...]string{"debian", "ubuntu"} {
		if i := slices.Index(codenames[name], word); i >= 0 {
			return name, i, true
		}
	}
	return "", 0, false
}

// isHash recognises the abbreviated or full id of a commit, a "g" in front of it as git
// describe has it. A run of digits alone is a number.
func isHash(word string) bool {
	described := len(word) > 7 && word[0] == 'g'
	if described {
		word = word[1:]
	}
	if len(word) < 7 || len(word) > 64 || strings.Trim(word, "0123456789abcdef") != "" {
		return false
	}
	letters := strings.ContainsAny(word, "abcdef")
	return described || letters && (len(word) > 7 || strings.ContainsAny(word, "0123456789"))
}

// isDate reports whether digits begin with the year, month and day of a time.
func isDate(digits string) bool {
	switch len(digits) {
	case 8, 10, 12, 14:
		return isYear(digits[:4]) && isMonthDay(digits[4:8])
	}
	return false
}

// isForeignDate reports whether digits are a day, month first. Such dates have no order as
// numbers.
func isForeignDate(digits string) bool {
	return len(digits) == 8 && isYear(digits[4:]) && isMonthDay(digits[:4]) && !isDate(digits)
}

func isYear(s string) bool { return "1990" <= s && s <= "2099" }

func isMonthDay(s string) bool {
	return "01" <= s[:2] && s[:2] <= "12" && "01" <= s[2:] && s[2:] <= "31"
}

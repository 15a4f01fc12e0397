package report

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// WriteAzure writes what has to be rebuilt for Azure Pipelines: a command of its agent for each wave, which sets the
// output variable wave1, wave2 and so on to a matrix (Azure docs, "jobs.job.strategy definition", "Logging commands"), and one
// that sets waves to how many there are. A wave without a build has no variable: an empty matrix is an error there.
func (a *Affected) WriteAzure(w io.Writer) error {
	m := a.Matrix()
	commands := []string{azureVariable("waves", strconv.Itoa(m.waves())), azureVariable("count", strconv.Itoa(len(m.Include)))}
	for wave := 1; wave <= m.waves(); wave++ {
		legs := map[string]map[string]string{}
		for _, j := range m.OfWave(wave).Include {
			legs[azureName(j.Name, legs)] = j.variables()
		}
		if len(legs) == 0 {
			continue
		}
		var text bytes.Buffer
		if err := WriteCompactJSON(&text, legs); err != nil {
			return err
		}
		// What the agent would decode in a value stands in JSON alone, which has an escape for it.
		value := strings.ReplaceAll(strings.TrimSuffix(text.String(), "\n"), "%", `\u0025`)
		commands = append(commands, azureVariable(fmt.Sprintf("wave%d", wave), value))
	}
	_, err := io.WriteString(w, strings.Join(commands, ""))
	return err
}

func azureVariable(name, value string) string {
	return "##vso[task.setvariable variable=" + name + ";isOutput=true]" + value + "\n"
}

// azureName returns what a job is called in a matrix of Azure Pipelines, which takes letters, digits and underscores, the
// first of them a letter.
func azureName(name string, taken map[string]map[string]string) string {
	wanted := strings.ReplaceAll(name, "-", "_")
	if first := wanted[0]; first == '_' || first >= '0' && first <= '9' {
		wanted = "build_" + wanted
	}
	wanted = wanted[:min(len(wanted), 90)] // of 100
	free := wanted
	for n := 2; taken[free] != nil; n++ {
		free = fmt.Sprintf("%s_%d", wanted, n)
	}
	return free
}

// variables returns a job as the variables of the environment that a script builds it with. ARGS, CONTEXTS and LABELS are
// words for a shell.
func (j MatrixJob) variables() map[string]string {
	return map[string]string{
		"NAME": j.Name, "DOCKERFILE": j.Path, "INLINE": j.Inline, "CONTEXT": j.Context, "TARGET": j.Target, "IMAGE": j.Image,
		"TAGS": strings.Join(j.Tags, " "), "PLATFORMS": strings.Join(j.Platforms, ","),
		"ARGS": flags("--build-arg", j.Args), "CONTEXTS": flags("--build-context", j.Contexts), "LABELS": flags("--label", j.Labels),
	}
}

// flags returns a flag for each entry of a map, as words for a shell.
func flags(name string, values map[string]string) string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		words = append(words, name, key+"="+values[key])
	}
	return shellWords(words)
}

// shellWords returns words so that a shell reads each as one.
func shellWords(words []string) string {
	var quoted []string
	for _, word := range words {
		plain := word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@,+") == ""
		if !plain {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		quoted = append(quoted, word)
	}
	return strings.Join(quoted, " ")
}

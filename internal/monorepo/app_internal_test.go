package monorepo

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"testing"
)

// A key is hidden whole, and so is what stands between its first line and its last. What is no key has no such part.
func TestKeySecrets(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key  string
		want []string
	}{
		{"-----BEGIN KEY-----\nabc\n-----END KEY-----\n", []string{"-----BEGIN KEY-----\nabc\n-----END KEY-----\n", "\nabc\n"}},
		{"abc-----def", []string{"abc-----def"}},
		{"abc", []string{"abc"}},
	} {
		if got := keySecrets(test.key); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q", test.key, got)
		}
	}
}

// An installation that is named is not looked for.
func TestInstallationThatIsNamed(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	for written, want := range map[string]int64{"77": 77, "": 0} {
		app, err := AppCredentials{ID: "1", Key: text, Installation: written}.read(func(string) {})
		if err != nil || app.Installation != want {
			t.Errorf("%q is read as %+v, %v", written, app, err)
		}
	}
}

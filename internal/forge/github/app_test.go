package github_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"sync"
	"testing"

	"github.com/matihlabs/propagate/internal/forge/github"
)

// appKey is the key of the Apps of these tests, and otherKey one of another App.
var appKey, otherKey = sync.OnceValue(newKey), sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// shortKey was made for this test, and is of no use.
const shortKey = `-----BEGIN RSA PRIVATE KEY-----
MIIBPAIBAAJBALxFIzWH6MbPsssdY46dQjGzcF6QuTaAKL+PDs/Nr69vc7qrjgfH
a2dKiHyFgl0DRMHwa20zblI9SmjakWrSaKcCAwEAAQJANTJ77mZGudZ6OLZHKUb6
Kzz+pVnTW7j+ypHLp6AA4lrpJzYDKi9+PYSY4Pj/X7LWfPuzWAVt0w6T+M5wB76x
8QIhAO49+6DrbZRCSrX0nvVrhTrmNUgUjIX3D1DETnfFzIm7AiEAyk2c5g69F/eI
fBtTV/x+XiJe+u15gq9WPsXw+p7DqAUCIQDV16rp2QgFoK9AvW6E6Vqv8Hx404EC
qi0EGQA5v8CFCwIhAJ0KZrOH2W4Tb1W3+Jiino4AbG6pjdvOtEqCabCDMirpAiEA
i1YdSuE7fFC5mZTtrhubMm1gfWPrez7WnXJpYL0kSVk=
-----END RSA PRIVATE KEY-----
`

func TestParseKey(t *testing.T) {
	t.Parallel()
	classic := pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(appKey()))
	der, err := x509.MarshalPKCS8PrivateKey(appKey())
	if err != nil {
		t.Fatal(err)
	}
	modern := pemOf("PRIVATE KEY", der)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curved, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	const incomplete = "it begins like a private key, and is not a whole one"
	for _, test := range []struct{ name, text, want string }{
		{"as GitHub makes it", classic, ""},
		{"PKCS #8", modern, ""},
		{"line ends of DOS", strings.ReplaceAll(classic, "\n", "\r\n"), ""},
		{"on one line", strings.ReplaceAll(classic, "\n", `\n`), ""},
		{"without its last line end", strings.TrimSpace(classic), ""},
		{"with space around it", "  \n" + classic + "\n ", ""},
		{"nothing", "", "it is no private key in PEM form"},
		{"a word", "secret", "it is no private key in PEM form"},
		{"its first line", strings.SplitAfter(classic, "\n")[0], incomplete},
		{"cut short", classic[:len(classic)/2], incomplete},
		{"without line ends", strings.ReplaceAll(classic, "\n", " "), incomplete},
		{"a part is missing", pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(appKey())[:300]), "the private key is damaged"},
		{"the public key", pemOf("PUBLIC KEY", x509.MarshalPKCS1PublicKey(&appKey().PublicKey)), "it is a public key or a certificate, and no private key"},
		{"encrypted", pemOf("ENCRYPTED PRIVATE KEY", der), "the private key is encrypted"},
		{"too short", shortKey, "the private key signs nothing: crypto/rsa: 512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"},
		{"a curve", pemOf("PRIVATE KEY", curved), "it is a private key of another kind than RSA, which GitHub Apps do not have"},
	} {
		key, err := github.ParseKey(test.text)
		switch {
		case test.want == "" && (err != nil || !key.Equal(appKey())):
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (err == nil || err.Error() != test.want):
			t.Errorf("%s: the error is %v, want %s", test.name, err, test.want)
		}
	}
}

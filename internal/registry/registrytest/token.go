package registrytest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"
)

// How a registry and its token server know each other.
const (
	tokenPath = "/token"
	service   = "registry.test"
	issuer    = "tokens.test"
)

// A signer signs tokens.
type signer struct {
	key  *rsa.PrivateKey
	cert []byte
	pem  []byte // the certificate as a registry reads it
}

// newSigner returns the one signer of the process: keys take long to make.
var newSigner = sync.OnceValues(func() (*signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: issuer}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &signer{key, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})}, nil
})

// sign makes a token of claims, with the certificate in its header.
func (s *signer) sign(claims map[string]any) (string, error) {
	var parts []string
	for _, part := range []any{map[string]any{"typ": "JWT", "alg": "RS256", "x5c": []string{base64.StdEncoding.EncodeToString(s.cert)}}, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	text := strings.Join(parts, ".")
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

// serveToken answers as the token server of the registry: the user gets what is asked for.
// Anybody else gets it of a public registry, to read with.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	user, password, given := r.BasicAuth()
	known := given && user == User && password == Password
	if s.auth != Token && s.auth != Public {
		http.NotFound(w, r)
		return
	}
	if !known && (given || s.auth != Public) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}`))
		return
	}
	access := []map[string]any{}
	for _, scope := range r.URL.Query()["scope"] {
		for _, one := range strings.Fields(scope) {
			kind, rest, _ := strings.Cut(one, ":")
			at := strings.LastIndex(rest, ":")
			if at < 0 {
				continue
			}
			actions := strings.Split(rest[at+1:], ",")
			if !known {
				actions = []string{"pull"}
			}
			access = append(access, map[string]any{"type": kind, "name": rest[:at], "actions": actions})
		}
	}
	now := time.Now()
	signer, err := newSigner()
	var token string
	if err == nil {
		token, err = signer.sign(map[string]any{
			"iss": issuer, "sub": user, "aud": service, "jti": rand.Text(), "access": access,
			"iat": now.Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
		})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"token": token, "expires_in": 3600, "issued_at": now.UTC().Format(time.RFC3339)})
}

package graph

import (
	"strings"

	"github.com/matihlabs/propagate/internal/imageref"
)

// isOfficial reports whether a repository is one of Docker's official images, also
// under the namespaces of single architectures, and in a mirror: mirror.gcr.io/library/postgres,
// corp.example/hub/library/postgres. A Dockerfile that is called after
// one stands on it or for it ("ubuntu.Dockerfile", "nginx/"); it does not make it,
// so the name alone is no claim on these.
func isOfficial(repository string) bool {
	if _, mirrored, ok := strings.Cut(repository, "/library/"); ok {
		return official[mirrored]
	}
	return isDockers(repository)
}

// isDockers is isOfficial for a repository of Docker's own registry.
func isDockers(repository string) bool {
	namespace, name, ok := strings.Cut(strings.TrimPrefix(repository, "docker.io/"), "/")
	return ok && official[name] && namespaces[namespace] && strings.HasPrefix(repository, "docker.io/")
}

// IsOneOfficial reports whether all repositories are one official image, each for another
// architecture: amd64/alpine and arm64v8/alpine.
func IsOneOfficial(repositories []string) bool {
	for _, r := range repositories {
		if !isDockers(r) || imageref.Base(r) != imageref.Base(repositories[0]) {
			return false
		}
	}
	return true
}

// namespaces are those of the official images for single architectures.
var namespaces = words(`library amd64 arm32v5 arm32v6 arm32v7 arm64v8 i386 mips64le ppc64le riscv64 s390x`)

// IsArchitecture reports whether a part of a tag or a path is a word for a processor: amd64, arm64v8.
func IsArchitecture(word string) bool { return architectures[word] }

// architectures are words for a processor, as paths and tags have them.
var architectures = words(`amd64 x86_64 x64 x86 i386 386 arm arm32 armhf armv5 armv6 armv7 armv7l arm32v5 arm32v6 arm32v7 arm64 aarch64 arm64v8
	mips64le ppc64le riscv64 s390x loong64 multiarch`)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, word := range strings.Fields(s) {
		m[word] = true
	}
	return m
}

var official = words(`
	adminer aerospike alpine almalinux alt amazoncorretto amazonlinux api-firewall arangodb archlinux backdrop bash
	bonita buildpack-deps busybox caddy cassandra centos chronograf cirros clearlinux clefos clojure composer consul
	convertigo couchbase couchdb crate crux dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop
	elasticsearch elixir emqx erlang fedora flink fluentd friendica gazebo gcc geonetwork ghost golang gradle groovy
	haproxy haskell haxe hello-world hitch httpd hylang ibm-semeru-runtimes ibmjava influxdb irssi jetty jobber
	joomla jruby julia kapacitor kibana kong krakend lightstreamer liquibase logstash mageia mariadb matomo maven
	mediawiki memcached mongo mongo-express monica mono mysql nats nats-streaming neo4j neurodebian nextcloud nginx
	node notary odoo open-liberty openjdk opensuse oraclelinux orientdb percona perl photon php phpmyadmin plone
	postfixadmin postgres pypy python r-base rabbitmq rakudo-star redis redmine registry rethinkdb rocket.chat
	rockylinux ros ruby rust sapmachine satosa silverpeas sl solr sonarqube sourcemage spark spiped storm swift swipl
	teamspeak telegraf thrift tomcat tomee traefik ubuntu unit varnish vault websphere-liberty wordpress xwiki yourls
	znc zookeeper`)

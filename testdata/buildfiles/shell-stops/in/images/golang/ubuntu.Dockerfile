FROM acme/enterprise-base:ubuntu

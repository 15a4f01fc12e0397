#!/bin/sh
# More variables than are followed: which of them are is the order of their names.
if [ -n "$CI_0" ]; then export KAPPA=3.0; else export KAPPA=4.0; fi
if [ -n "$CI_1" ]; then export ALPHA=3.1; else export ALPHA=4.1; fi
if [ -n "$CI_2" ]; then export MU=3.2; else export MU=4.2; fi
if [ -n "$CI_3" ]; then export THETA=3.3; else export THETA=4.3; fi
if [ -n "$CI_4" ]; then export BETA=3.4; else export BETA=4.4; fi
if [ -n "$CI_5" ]; then export IOTA=3.5; else export IOTA=4.5; fi
if [ -n "$CI_6" ]; then export GAMMA=3.6; else export GAMMA=4.6; fi
if [ -n "$CI_7" ]; then export LAMBDA=3.7; else export LAMBDA=4.7; fi
if [ -n "$CI_8" ]; then export DELTA=3.8; else export DELTA=4.8; fi
if [ -n "$CI_9" ]; then export ETA=3.9; else export ETA=4.9; fi
if [ -n "$CI_10" ]; then export EPSILON=3.10; else export EPSILON=4.10; fi
if [ -n "$CI_11" ]; then export ZETA=3.11; else export ZETA=4.11; fi
docker buildx bake

#!/bin/bash
if [ "$O0" ]; then A0=1; else A0=2; fi
if [ "$O1" ]; then A1=1; else A1=2; fi
if [ "$O2" ]; then A2=1; else A2=2; fi
if [ "$O3" ]; then A3=1; else A3=2; fi
if [ "$O4" ]; then A4=1; else A4=2; fi
docker build -t reg/app:$A0-$A1-$A2-$A3-$A4 --build-arg V=$A0.$A1.$A2.$A3.$A4 app

#!/bin/sh
# Stands in for what changes the system itself: packages, packet filters, kernel settings. Here that is this computer's own.
echo "$(basename "$0"): not done on this computer: $*"

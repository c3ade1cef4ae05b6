#!/bin/sh
# Makes the namespace, or gives the one that is there its retention. Harmless when run again.
# The temporal command takes TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE from the environment.
set -eu

if ! [ "$RETENTION_DAYS" -ge 8 ] 2>/dev/null; then
  echo "TEMPORAL_RETENTION_DAYS is '$RETENTION_DAYS': it must be a whole number of 8 or more" >&2
  exit 2
fi
retention="$((RETENTION_DAYS * 24))h"

# Runs a command every second until it succeeds.
await() {
  attempt=1
  until "$@" >/dev/null 2>&1; do
    if [ "$attempt" -ge 60 ]; then
      echo "gave up on: $*" >&2
      "$@"
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep 1
  done
}

# The port is open a little before the server can answer.
await temporal operator cluster health

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
fi
# A new namespace can be read at once, but used only when the server's parts have heard of it.
await temporal workflow list --namespace "$TEMPORAL_NAMESPACE" --limit 1
echo "namespace $TEMPORAL_NAMESPACE keeps closed tasks for $RETENTION_DAYS days"

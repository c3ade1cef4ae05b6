#!/bin/sh
# Makes the namespace, or gives the one that is there its retention, and adds the search attributes that tasks have.
# So it is done once, before workers and the mirror owner start together. Harmless when run again.
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

# As in src/domain/task-state.ts. One that is there already is left as it is.
set -- --namespace "$TEMPORAL_NAMESPACE" \
  --name TaskType --type Keyword \
  --name TaskStatus --type Keyword \
  --name FailureCategory --type Keyword \
  --name Fingerprint --type Keyword \
  --name RecoveryAttempts --type Int \
  --name TaskUpdatedAt --type Datetime
await temporal operator search-attribute create "$@"
# Namespace and attributes can be used only when all parts of the server have heard of them.
await temporal workflow list --namespace "$TEMPORAL_NAMESPACE" --query 'TaskUpdatedAt IS NULL' --limit 1
echo "namespace $TEMPORAL_NAMESPACE keeps closed tasks for $RETENTION_DAYS days"

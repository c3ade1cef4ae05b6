/** What a recovery by hand goes by: the configuration, and the user's own code. */
import type { Config } from '../config.ts';
import { loadExtensions } from '../extensions.ts';
import { createClassifier, shortMessage } from '../failures/index.ts';
import { fingerprintOf } from '../report/index.ts';
import { maskText } from '../secrets/mask-text.ts';
import type { RecoveryPolicies } from '../tasks/recover-task.ts';
import type { Understanding } from '../tasks/understand-run.ts';

/** Limits, rules and strategies, and how a failure is understood that the run itself did not explain. */
export interface RecoveryContext {
  readonly policies: RecoveryPolicies;
  readonly understanding: Understanding;
}

/** Makes it from the configuration. @throws {RekindleError} INVALID_CONFIG when the extensions are wrong. */
export async function recoveryContext(config: Config): Promise<RecoveryContext> {
  const extensions = await loadExtensions(config);
  const { classify } = createClassifier(extensions);
  return {
    policies: {
      maxAttempts: config.failure.maxRecoveryAttempts,
      ownRules: extensions.categories,
      strategies: extensions.strategies,
      canRecover: extensions.canRecover,
    },
    understanding: {
      classify,
      shortMessage: (error) => maskText(shortMessage(error)),
      fingerprint: (message) => fingerprintOf(message).fingerprint,
    },
  };
}

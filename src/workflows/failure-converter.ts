/**
 * With encryption on, messages and stacks of failures travel as a payload, which the codec encrypts; otherwise they
 * would stand in clear in every history. The SDK loads this module by its path.
 */
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });

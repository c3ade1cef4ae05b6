import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';

/**
 * Decodes the first of some payloads, through the client's codecs and converter; undefined when there is none.
 * @param workflowId the workflow that they belong to.
 */
export async function decodeFirst(
  client: Client,
  workflowId: string,
  payloads: readonly Payload[] | null | undefined,
): Promise<unknown> {
  if (!payloads?.[0]) return undefined;
  const { loadedDataConverter, namespace } = client.options;
  const context = { type: 'workflow', namespace, workflowId } as const;
  return await decodeFromPayloadsAtIndex<unknown>(loadedDataConverter, 0, [...payloads], context);
}

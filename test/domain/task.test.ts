import { describe, expect, it } from 'vitest';
import {
  canTransition,
  IllegalTransitionError,
  isFinished,
  isTaskStatus,
  TASK_STATUSES,
  transition,
} from '../../src/domain/task.ts';

const ALLOWED = new Set([
  'pending running',
  'pending paused',
  'pending failed',
  'running paused',
  'running completed',
  'running failed',
  'paused running',
  'paused failed',
  'recovering running',
  'recovering paused',
  'recovering failed',
  'failed recovering',
]);
const PAIRS = TASK_STATUSES.flatMap((from) => TASK_STATUSES.map((to) => [from, to] as const));

describe("a task's status", () => {
  it.each(PAIRS)('from %s to %s is allowed exactly as documented', (from, to) => {
    expect(canTransition(from, to)).toBe(from === to || ALLOWED.has(`${from} ${to}`));
  });

  it('is refused an illegal change with a sentence that says what is possible', () => {
    expect(() => transition('running', 'recovering')).toThrow(
      'a running task cannot become recovering: it can only become paused, completed, failed',
    );
    expect(() => transition('completed', 'running')).toThrow(IllegalTransitionError);
    expect(() => transition('completed', 'running')).toThrow('it is finished');
  });

  it('is returned after a legal change', () => {
    expect(transition('failed', 'recovering')).toBe('recovering');
  });

  it('is finished when the task is completed or failed', () => {
    expect(TASK_STATUSES.filter(isFinished)).toEqual(['completed', 'failed']);
  });

  it('is told from other words', () => {
    expect(isTaskStatus('paused')).toBe(true);
    expect(isTaskStatus('stopped')).toBe(false);
    expect(isTaskStatus(undefined)).toBe(false);
  });
});

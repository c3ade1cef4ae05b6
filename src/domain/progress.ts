/** A step and its share of the whole task's progress; shares are relative to their sum. */
export interface StepSpec {
  readonly name: string;
  readonly share: number;
}

/**
 * Progress of a task, 0–100 with one decimal.
 * @param index position of the step being done.
 * @param fraction how far that step is, 0–1.
 */
export function progressOf(steps: readonly StepSpec[], index: number, fraction: number): number {
  const sum = (list: readonly StepSpec[]): number => list.reduce((total, step) => total + step.share, 0);
  const done = sum(steps.slice(0, index)) + (steps[index]?.share ?? 0) * Math.min(1, Math.max(0, fraction));
  return Math.round((1000 * done) / sum(steps)) / 10;
}

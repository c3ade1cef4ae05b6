import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Ends a test run with the line that CI reads: `N passed, N failed`. What was skipped is listed with its reason, and
 * where everything needed is installed (`CI=true`) a skipped test is a failed run.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], _reason: TestRunEndReason): void {
    let passed = 0;
    let failed = errors.length + modules.filter((module) => module.errors().length > 0).length;
    const skipped: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'failed') failed += 1;
        else skipped.push(`${test.fullName}: ${('note' in result && result.note) || 'no reason given'}`);
      }
    }
    for (const line of skipped) console.log(`skipped – ${line}`);
    if (skipped.length > 0 && process.env.CI === 'true') {
      console.log(`${skipped.length} skipped test(s): CI has every tool, so nothing may be skipped there`);
      failed += skipped.length;
      process.exitCode = 1;
    }
    const rest = skipped.length > 0 && process.env.CI !== 'true' ? `, ${skipped.length} skipped` : '';
    console.log(`${passed} passed, ${failed} failed${rest}`);
  }
}

import { checkup, type Level } from '../checkup.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';

const SIGN = { ok: '✓', warning: '!', fault: '✗' } as const satisfies Record<Level, string>;

/** Checks that everything needed is there; exit code 1 when something is not. */
export const run: CommandAction = async (context) => {
  const findings = await checkup(context);
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  const { texts } = context.output;
  const summary = faults > 0 ? texts.doctorFaults(faults) : texts.doctorWarnings(warnings);
  context.output.result({ ok: faults === 0, checks: findings.map((finding) => ({ ...finding })) }, [
    ...findings.flatMap(({ level, name, detail, hint }) => [
      `${SIGN[level]} ${name}: ${detail}`,
      ...(level === 'ok' || !hint ? [] : [`    ${hint}`]),
    ]),
    faults + warnings === 0 ? texts.doctorOk : summary,
  ]);
  return faults === 0 ? EXIT.ok : EXIT.failed;
};

import { checkup } from '../checkup.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandAction } from '../program.ts';

/** Checks that everything needed is there; exit code 1 when something is not. */
export const run: CommandAction = async (context) => {
  const findings = await checkup(context);
  const faults = findings.filter(({ ok }) => !ok);
  const { texts } = context.output;
  context.output.result({ ok: faults.length === 0, checks: findings.map((finding) => ({ ...finding })) }, [
    ...findings.flatMap(({ ok, name, detail, hint }) => [
      `${ok ? '✓' : '✗'} ${name}: ${detail}`,
      ...(ok || !hint ? [] : [`    ${hint}`]),
    ]),
    faults.length === 0 ? texts.doctorOk : texts.doctorFaults(faults.length),
  ]);
  return faults.length === 0 ? EXIT.ok : EXIT.failed;
};

import { backupsDir } from '../../activities/maintenance/settings.ts';
import { mirrorPort, monitoringSettings } from '../../activities/monitoring/index.ts';
import type { JsonObject } from '../../domain/json.ts';
import { systemSchedules } from '../../engine/system-schedules.ts';
import type { Locale } from '../../failures/index.ts';
import { MirrorKeeper } from '../../mirror/index.ts';
import {
  type Alert,
  CHECK_TITLES,
  type HealthReport,
  lookAtHealth,
  temporalStatus,
} from '../../monitoring/index.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { monitoringTexts } from '../monitoring-texts.ts';
import { alertValue } from '../render/alert-value.ts';
import { table } from '../render/table.ts';
import { openRuntime } from '../runtime.ts';

/** How the running system stands: exit code 0 healthy, 1 not, 4 when the engine cannot be reached. Changes nothing. */
export const run: CommandAction = async (context) => {
  const { config, output } = context;
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle health' });
  const keeper = new MirrorKeeper(config.database.path, { readonly: true });
  let report: HealthReport;
  try {
    const schedules = systemSchedules(config).map(({ id }) => id);
    report = await lookAtHealth(
      { temporal: temporalStatus(runtime.connection.client), mirror: mirrorPort(keeper, backupsDir(config)) },
      monitoringSettings(config, schedules),
      Date.now(),
    );
  } finally {
    keeper.close();
    await runtime.close();
  }
  output.result(report as unknown as JsonObject, linesOf(report, config.locale));
  if (report.healthy) return EXIT.ok;
  return report.checks.some(({ name, ok }) => name === 'engine' && !ok) ? EXIT.unavailable : EXIT.failed;
};

const SIGN = { ok: '✓', raised: '✗', no_data: '·' } as const satisfies Record<Alert['state'], string>;

function linesOf({ healthy, checks, alerts }: HealthReport, locale: Locale): string[] {
  const { health: texts } = monitoringTexts(locale);
  const faults =
    checks.filter(({ ok }) => !ok).length + alerts.filter(({ state }) => state === 'raised').length;
  const rows = alerts.map(({ name, state, title, value, threshold }) => [
    SIGN[state],
    title,
    alertValue(name, value),
    alertValue(name, threshold),
    texts.states[state],
  ]);
  return [
    ...checks.map(
      ({ name, ok, detail }) => `${ok ? '✓' : '✗'} ${CHECK_TITLES[name][locale]}${texts.colon}${detail}`,
    ),
    ...(rows.length > 0 ? [texts.alerts, ...table([texts.columns, ...rows])] : []),
    ...alerts.flatMap(({ state, definition }) => (state === 'raised' ? [`    ${definition}`] : [])),
    healthy ? texts.healthy : texts.faults(faults),
  ];
}

import type { JsonObject } from '../../domain/json.ts';
import {
  databaseStatistics,
  hasNotification,
  healthCounts,
  lastHealthCheck,
  listAlerts,
  listBackups,
  type MirrorKeeper,
  markMessagesRead,
  recordHealthCheck,
  recordVerdict,
  setAlert,
  withFailureRows,
} from '../../mirror/index.ts';
import type { MonitoringMirror } from './index.ts';

/** The mirror as the monitoring sees it; reading works with a keeper that is read-only, too. */
export function mirrorPort(keeper: MirrorKeeper, backupsDirectory: string): MonitoringMirror {
  return {
    healthCounts: (span, deliveredSinceMs) => healthCounts(keeper.get(), span, deliveredSinceMs),
    lastProjectedMs() {
      const { last_projected_at } = databaseStatistics(keeper.get());
      return last_projected_at === null ? null : Date.parse(last_projected_at);
    },
    newestBackupMs: () => listBackups(backupsDirectory)[0]?.atMs ?? null,
    lastHealthCheck: () => lastHealthCheck(keeper.get()),
    setAlert: (alert) => keeper.use((mirror) => setAlert(mirror, alert)),
    listAlerts: () =>
      listAlerts(keeper.get()).map(({ name, raised, sinceMs, checkedMs }) => ({
        name,
        raised,
        sinceMs: sinceMs ?? checkedMs,
      })),
    isLogged: (id) => hasNotification(keeper.get(), id),
    recordHealthCheck: ({ details, ...check }) =>
      keeper.use((mirror) =>
        recordHealthCheck(mirror, { ...check, details: details as unknown as JsonObject }),
      ),
    recordVerdict: (verdict) => keeper.use((mirror) => recordVerdict(mirror, verdict)),
    markMessagesRead: (messages) => keeper.use((mirror) => markMessagesRead(mirror, messages)),
    failures: (sinceMs, untilMs, onBatch) => withFailureRows(keeper.get(), sinceMs, untilMs, onBatch),
  };
}

import type { JsonObject } from '../../domain/json.ts';
import {
  databaseStatistics,
  hasNotification,
  healthCounts,
  listAlerts,
  markMessagesRead,
  type MirrorKeeper,
  recordHealthCheck,
  recordVerdict,
  setAlert,
  withFailureRows,
} from '../../mirror/index.ts';
import type { MonitoringMirror } from './index.ts';

/** The mirror as the monitoring sees it; reading works with a keeper that is read-only, too. */
export function mirrorPort(keeper: MirrorKeeper): MonitoringMirror {
  return {
    healthCounts: (span) => healthCounts(keeper.get(), span),
    lastProjectedMs() {
      const { last_projected_at } = databaseStatistics(keeper.get());
      return last_projected_at === null ? null : Date.parse(last_projected_at);
    },
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
    async failures(sinceMs, untilMs, onBatch) {
      await withFailureRows(keeper.get(), sinceMs, untilMs, onBatch);
    },
  };
}

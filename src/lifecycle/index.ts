export {
  createShutdown,
  type Shutdown,
  type ShutdownHandler,
  type ShutdownOptions,
  type ShutdownProblem,
  type ShutdownReport,
} from './shutdown.ts';

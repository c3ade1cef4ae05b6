import { type Advice, type Kind, type Meaning, WEIGHT, words } from './meaning.ts';

const stated = (kind: Kind, advice: Advice, list: string) =>
  words(list, { kind, advice, weight: WEIGHT.stated });

/** What may stand in the documented prefix `[CATEGORY] specific error: context`. */
export const CATEGORY_WORDS: ReadonlyMap<string, Meaning> = new Map([
  ...stated('network', 'connection', 'NETWORK NET CONNECTION RECOVERABLE_NETWORK 网络 网络错误'),
  ...stated('network', 'timeout', 'TIMEOUT 超时'),
  ...stated('system', 'process', 'SYSTEM RESOURCE RECOVERABLE_SYSTEM 系统 系统错误'),
  ...stated('temporary', 'busy', 'TEMPORARY TEMP RECOVERABLE_TEMPORARY 临时 临时错误'),
  ...stated('temporary', 'rate', 'RATE_LIMIT RATELIMIT 限流'),
  ...stated('data', 'format', 'DATA VALIDATION FORMAT UNRECOVERABLE_DATA 数据 数据错误'),
  ...stated('config', 'settings', 'CONFIG CONFIGURATION UNRECOVERABLE_CONFIG 配置 配置错误'),
  ...stated('config', 'credentials', 'AUTH AUTHENTICATION 认证'),
  ...stated('business', 'state', 'BUSINESS UNRECOVERABLE_BUSINESS 业务 业务错误'),
]);

import { basename } from 'node:path';
import type { VideoDownloadResult } from '../../domain/video-download.ts';
import { bytes, duration } from '../render/amounts.ts';
import type { RoughServer } from './rough-server.ts';

/** What happened in the demo. */
export interface DemoStory {
  readonly result: VideoDownloadResult;
  readonly size: number;
  readonly server: RoughServer['count'];
  /** Share that was there when the worker was killed, 0–1. */
  readonly killedAt: number;
  /** From the kill until bytes came in again, in ms. */
  readonly goneOnAfterMs: number;
  readonly sha256Matches: boolean;
  readonly durationMs: number;
}

/** The story in a few lines. */
export function accountOf(story: DemoStory, locale: 'zh-CN' | 'en'): string[] {
  const { result, size, server, killedAt, goneOnAfterMs, sha256Matches, durationMs } = story;
  // The server's own count: what the killed worker had fetched last, nobody else knows of.
  const twice = Math.max(0, server.bytesSent - size);
  const percent = Math.round(100 * killedAt);
  const ms = duration(goneOnAfterMs);
  const name = basename(result.path);
  if (locale === 'en') {
    return [
      `  the server refused ${server.refused} requests (503, Retry-After) and cut ${server.cut} connections`,
      `  the worker was killed with kill -9 at ${percent} %; the download went on ${ms} later`,
      `  ${bytes(size)} complete in ${duration(durationMs)}, ${bytes(twice)} sent more than once, ${result.retries} retries`,
      `  SHA-256 of ${name} ${sha256Matches ? 'is right' : 'IS WRONG'}`,
    ];
  }
  return [
    `  服务器拒绝了 ${server.refused} 次请求（503，Retry-After），切断了 ${server.cut} 次连接`,
    `  工作进程在 ${percent}% 时被 kill -9 杀死，${ms} 后下载继续`,
    `  ${bytes(size)} 全部完成，用时 ${duration(durationMs)}，重复发送 ${bytes(twice)}，重试 ${result.retries} 次`,
    `  ${name} 的 SHA-256 ${sha256Matches ? '正确' : '错误'}`,
  ];
}

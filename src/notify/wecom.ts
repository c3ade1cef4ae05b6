import type { NotificationChannel, NotificationMessage } from './channel.ts';
import { cutToBytes } from './cut.ts';
import type { RobotSettings } from './resolve-settings.ts';
import { type RobotCodes, tellRobot } from './robot.ts';

/** Of `markdown.content`, as documented. */
const MOST_BYTES = 4096;

/** https://developer.work.weixin.qq.com/document/path/91770: 20 messages a minute. */
const CODES: RobotCodes = {
  permanent: new Set([
    40008, // kind of message not supported
    40035, // wrong parameter
    40058, // wrong parameter
    44004, // empty
    45002, // too long
    93000, // no such robot
    93004, // the robot is switched off
    93008, // the robot is not in the group any more
  ]),
  tooMany: new Set([45009, 45033]),
  mutedMs: 60_000,
};

/** A robot of a WeCom (企业微信) group. */
export function weComChannel(name: string, settings: RobotSettings): NotificationChannel {
  return {
    name,
    deliver: (message, { signal }) => tellRobot(settings, bodyOf(message), CODES, signal),
  };
}

function bodyOf({ subject, markdown }: NotificationMessage) {
  const content = cutToBytes(`### ${subject}\n${markdown.replaceAll('\n\n', '\n')}`, MOST_BYTES);
  return { msgtype: 'markdown', markdown: { content } };
}

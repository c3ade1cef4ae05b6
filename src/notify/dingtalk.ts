import type { NotificationChannel, NotificationMessage } from './channel.ts';
import { cutToBytes } from './cut.ts';
import type { RobotSettings } from './resolve-settings.ts';
import { type RobotCodes, tellRobot } from './robot.ts';

/** A message may have 20,000 bytes, its JSON included. */
const MOST_BYTES = 15_000;

/**
 * https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages: 20 messages a minute, then muted for
 * 10 minutes.
 */
const CODES: RobotCodes = {
  permanent: new Set([
    300001, // no such token
    310000, // keyword, signature, time stamp or IP address is not what the robot's security wants
    400013, // the group was dissolved
    400101, // no such token
    400102, // the robot is switched off
    400105, // kind of message not supported
    400106, // no such robot
    430101, // unsafe link
    430102, // improper text
    430103, // improper picture
    430104, // improper content
    460101, // too long
  ]),
  tooMany: new Set([130101, 130102, 410100]),
  mutedMs: 600_000,
};

/** A custom robot of a DingTalk group. */
export function dingTalkChannel(name: string, settings: RobotSettings): NotificationChannel {
  return {
    name,
    deliver: (message, { signal }) => tellRobot(settings, bodyOf(message, settings.keyword), CODES, signal),
  };
}

function bodyOf({ subject, markdown }: NotificationMessage, keyword: string | null) {
  const title = keyword === null || subject.includes(keyword) ? subject : `${keyword} ${subject}`;
  return {
    msgtype: 'markdown',
    markdown: { title, text: cutToBytes(`### ${title}\n\n${markdown}`, MOST_BYTES) },
  };
}

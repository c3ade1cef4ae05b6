import { ERROR_CODES, type ErrorCode } from '../domain/error-codes.ts';
import type { Locale } from './advice-texts.ts';

interface CodeText {
  /** What happened; the English sentence is the `meaning` of {@link ERROR_CODES}. */
  readonly meaning: string;
  /** What a person can do when the error itself gives no hint. */
  readonly advice: Readonly<Record<Locale, string>>;
}

const text = (meaning: string, zh: string, en: string): CodeText => ({
  meaning,
  advice: { 'zh-CN': zh, en },
});

/** Rekindle's own errors in people's words. Halves of advice that promise another try stand behind a semicolon. */
export const CODE_TEXTS: Readonly<Record<ErrorCode, CodeText>> = {
  INVALID_INPUT: text(
    '参数或输入内容有误',
    '请更正所指出的参数或字段。',
    'Correct the argument or field that the message names.',
  ),
  INVALID_URL: text(
    '地址不是 http 或 https 网址',
    '请核对网址，须以 http:// 或 https:// 开头。',
    'Check the address: it begins with http:// or https://.',
  ),
  INVALID_CHECKPOINT: text(
    '检查点已损坏或与任务不符',
    '请用 `rekindle task checkpoint` 修复检查点、退回较早的步骤或从头开始。',
    'Repair the checkpoint, go back to an earlier step or start over: `rekindle task checkpoint`.',
  ),
  INVALID_CONFIG: text(
    '配置有误',
    '请更正所列各项；`rekindle doctor` 可检查配置。',
    'Correct what is listed; `rekindle doctor` checks the configuration.',
  ),
  TARGET_OUTSIDE: text(
    '目标位置不在允许的目录内',
    '请选择允许目录（download.directories）内的位置。',
    'Choose a place inside one of download.directories.',
  ),
  TARGET_EXISTS: text(
    '目标位置已有其他来源的文件',
    '请改用其他名称或目录，或使用 --force 覆盖。',
    'Use another name or directory, or replace the file with --force.',
  ),
  TARGET_BUSY: text(
    '另一个任务正在写入同一目标',
    '请等待该任务结束，或改用其他名称。',
    'Wait for the other task to end, or use another name.',
  ),
  NOT_WRITABLE: text(
    '目录或文件无法写入',
    '请为运行 rekindle 的用户授予该路径的写入权限。',
    'Give the user that rekindle runs as the right to write this path.',
  ),
  DISK_FULL: text(
    '磁盘空间或配额已用完',
    '请清理磁盘空间或提高配额。',
    'Free disk space, or raise the quota.',
  ),
  HTTP_PROTOCOL: text(
    '服务器的应答不符合 HTTP 协议或提前结束',
    '请检查服务器和途中的代理；系统会自动重试。',
    'Check the server and proxies on the way; the task is tried again by itself.',
  ),
  CONNECTION_LOST: text(
    '传输未完成连接就已中断',
    '请检查网络和对方服务；系统会自动重试。',
    'Check the line and the other side; the task is tried again by itself.',
  ),
  STALLED: text(
    '超过停滞时限未收到任何数据',
    '请检查网络和对方负载，或适当延长 download.stall_timeout；系统会自动重试。',
    'Check the line and the load of the other side, or raise download.stall_timeout; the task is tried again by itself.',
  ),
  REDIRECT_LOOP: text(
    '重定向成环或次数过多',
    '请用浏览器核对该地址最终指向哪里，并使用最终地址。',
    'Look in a browser where the address leads, and use that one.',
  ),
  SOURCE_CHANGED: text(
    '下载期间服务器上的文件不断变化',
    '请等待服务器上的文件更新完毕；系统稍后会自动重试。',
    'Wait until the file on the server is finished; the task is tried again later by itself.',
  ),
  LENGTH_MISMATCH: text(
    '服务器发送的字节数与其声明的不一致',
    '请检查服务器和途中的代理；系统会自动重试。',
    'Check the server and proxies on the way; the task is tried again by itself.',
  ),
  CHECKSUM_MISMATCH: text(
    '文件已完整下载，但校验和与预期不符',
    '请核对预期的校验和，并确认下载地址指向正确的文件。',
    'Check the expected checksum, and that the address is that of the right file.',
  ),
  WORKER_LOST: text(
    '工作进程在同一步骤中反复异常退出',
    '请查看工作进程的日志和系统日志（例如内存不足）。',
    'Look at the log of the worker and of the system, e.g. for a lack of memory.',
  ),
  STEP_TIMEOUT: text(
    '步骤用时超过上限',
    '请检查网络和对方负载，或适当延长时限；系统会自动重试。',
    'Check the line and the load of the other side, or allow more time; the task is tried again by itself.',
  ),
  TASK_NOT_FOUND: text(
    '找不到该编号对应的内容',
    '请核对编号；`rekindle task list` 列出现有任务。',
    'Check the id; `rekindle task list` shows the tasks there are.',
  ),
  TASK_STATE: text(
    '当前状态不允许此操作',
    '请先查看当前状态（`rekindle task show`、`rekindle health`），再执行该状态允许的操作。',
    'Look at the present state first: `rekindle task show`, `rekindle health`.',
  ),
  RESOURCE_BUSY: text(
    '在限定时间内未能取得资源锁',
    '请用 `rekindle lock list` 查看持有者；系统稍后会自动重试。',
    '`rekindle lock list` shows who holds the lock; the task is tried again later by itself.',
  ),
  RESOURCE_LOST: text(
    '持有期间失去了资源锁',
    '请检查本机与 Temporal 服务器之间的连接；系统稍后会自动重试。',
    'Check the connection to the Temporal server; the task is tried again later by itself.',
  ),
  RESOURCE_REENTERED: text(
    '在已持有资源锁的调用中再次请求同一把锁',
    '请修改代码：不要在持有该锁的调用内再次请求它。',
    'Change the code: do not ask for the lock inside the call that holds it.',
  ),
  ENGINE_UNAVAILABLE: text(
    '无法连接或启动 Temporal 服务器，或没有可用的进程',
    '请先运行 `rekindle up`；`rekindle doctor` 会检查所需条件。',
    'Start `rekindle up`; `rekindle doctor` checks what is needed.',
  ),
  PAYLOAD_UNREADABLE: text(
    'Temporal 中的数据无法解密：未配置其密钥，或数据已被改动',
    '请在 encryption.keys 中配置加密时使用的密钥。',
    'Configure the key it was encrypted with under encryption.keys.',
  ),
  SECRET_UNREADABLE: text(
    '无法读取机密信息：引用无效，或本机没有封存时使用的密钥',
    '请核对引用（env:名称 或 file:路径）和 sessions.keys。',
    'Check the reference (env:NAME or file:PATH) and sessions.keys.',
  ),
  SITE_UNKNOWN: text(
    '没有该网站的描述文件，或其中有误',
    '请编写或更正网站的描述文件，各项含义见 docs/login.md。',
    'Write or correct the description of the site; docs/login.md explains every key.',
  ),
  SITE_CHANGED: text(
    '网站页面与其描述文件不符',
    '请用浏览器查看页面，并更正网站的描述文件。',
    'Look at the page in a browser, and correct the description of the site.',
  ),
  BROWSER_MISSING: text(
    '该网站需要浏览器，但无法启动',
    '请安装 Chromium，或用 browser.executable 指定浏览器。',
    'Install Chromium, or name a browser as browser.executable.',
  ),
  LOGIN_REFUSED: text(
    '网站明确表示用户名或密码错误',
    '请更正用户名或密码后重新登录；为避免账号被锁定，系统不会自行再试。',
    'Correct user name or password, then log in again.',
  ),
  LOGIN_UNCLEAR: text(
    '登录未成功，网站未说明原因',
    '请手动登录一次查看网站提示，并将其补充到网站的描述文件。',
    'Log in by hand to see what the site says, and add it to the description of the site.',
  ),
  CODE_REFUSED: text(
    '网站未接受一次性验证码',
    '请检查本机时间和验证码密钥。',
    'Check the clock of this machine and the secret of the codes.',
  ),
  LOGIN_BLOCKED: text(
    '网站已锁定账号，或要求人工验证',
    '请在浏览器中登录并完成验证，或联系网站客服。',
    'Log in with a browser and do what the site asks for, or contact its support.',
  ),
  LOGIN_UNANSWERED: text(
    '登录所需的验证码未在时限内提供，或提供有误',
    '请用 `rekindle login` 重新登录，并及时输入验证码。',
    'Log in again with `rekindle login`, and give the code in time.',
  ),
  SESSION_REFUSED: text(
    '网站在登录后立即拒绝了会话',
    '请确认该账号有权查看此内容。',
    'Check that the account may see this.',
  ),
  SESSION_UNAVAILABLE: text(
    '在限定时间内没有可用的会话：登录正等待人工处理',
    '请用 `rekindle session list` 查看待办，或用 `rekindle login` 登录。',
    '`rekindle session list` shows what is to be done; or log in with `rekindle login`.',
  ),
  ADDRESS_FORBIDDEN: text(
    '该地址不允许下载访问（内网、链路本地或被配置禁止）',
    '请更换地址，或由管理员用 network.allow 允许它。',
    'Use another address; who runs rekindle can allow this one by network.allow.',
  ),
  TOO_LARGE: text(
    '文件超过允许的大小',
    '请更换来源，或提高 download.max_bytes。',
    'Choose another source, or raise download.max_bytes.',
  ),
  TOO_LONG: text(
    '下载用时超过允许的时长',
    '请检查网络速度，或提高 download.max_duration。',
    'Check the speed of the line, or raise download.max_duration.',
  ),
  MIRROR_UNAVAILABLE: text(
    '镜像文件无法打开、读取或写入',
    '`rekindle up` 会创建镜像；已有的镜像可用 `rekindle mirror check` 检查。',
    '`rekindle up` makes the mirror; `rekindle mirror check` looks at one that is there.',
  ),
  MIRROR_NEWER: text(
    '镜像由更高版本的 rekindle 写成',
    '请升级 rekindle。',
    'Update rekindle to that version.',
  ),
};

/** What the code of one of rekindle's own errors means, in one sentence. */
export function meaningOfCode(code: ErrorCode, locale: Locale): string {
  return locale === 'en' ? ERROR_CODES[code].meaning : CODE_TEXTS[code].meaning;
}

/** The own code that a rule's id stands for (`own.DISK_FULL`); undefined for any other rule, or one of another version. */
export function codeOfRule(rule: string): ErrorCode | undefined {
  const code = /^(?:own|code)\.(.+)$/.exec(rule)?.[1];
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined;
}

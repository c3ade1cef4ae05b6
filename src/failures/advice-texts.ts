import type { Advice } from './rules/meaning.ts';

/** Languages of the texts for people. */
export type Locale = 'zh-CN' | 'en';

type Text = Readonly<Record<Locale, string>>;

/** What a person can do about a failure, one sentence or two per family of rules. */
export const ADVICE_TEXTS: Readonly<Record<Advice | 'unknown' | 'own', Text>> = {
  connection: {
    en: 'Check that the other side runs and can be reached from this host; the task is tried again by itself.',
    'zh-CN': '请检查对方服务是否在运行、本机能否访问该地址；系统会自动重试。',
  },
  dns: {
    en: 'Check the host name and the DNS servers of this host; the task is tried again by itself.',
    'zh-CN': '请检查主机名是否正确以及本机的 DNS 设置；系统会自动重试。',
  },
  tls: {
    en: 'The encrypted connection was cut while it was set up: check proxies and firewalls, and that the port speaks TLS.',
    'zh-CN': '加密连接在建立过程中被切断：请检查代理、防火墙，以及该端口是否支持 TLS。',
  },
  timeout: {
    en: 'The other side answered too slowly: check the line and its load, or allow more time.',
    'zh-CN': '对方响应过慢：请检查网络和对方负载，或适当延长超时时间。',
  },
  disk: {
    en: 'Free disk space or raise the quota, and check that the file system is writable.',
    'zh-CN': '请清理磁盘空间或提高配额，并确认文件系统可写。',
  },
  memory: {
    en: 'Give the worker more memory, or run fewer tasks at once.',
    'zh-CN': '请为工作进程增加内存，或减少同时运行的任务数。',
  },
  files: {
    en: 'Check that the file or directory exists, and the limit of open files (ulimit -n).',
    'zh-CN': '请确认文件或目录存在，并检查打开文件数限制（ulimit -n）。',
  },
  'local-rights': {
    en: "Give the worker's user the right to read and write this path.",
    'zh-CN': '请为运行工作进程的用户授予该路径的读写权限。',
  },
  process: {
    en: 'Check the limits of processes and the system log for what ended the program.',
    'zh-CN': '请检查进程数限制，并在系统日志中查看程序被终止的原因。',
  },
  rate: {
    en: 'Too many requests: the task waits and tries again; lower the request rate if this happens often.',
    'zh-CN': '请求过于频繁：系统会等待后重试；如经常出现，请降低请求频率。',
  },
  busy: {
    en: 'The service is overloaded or under maintenance; the task is tried again later by itself.',
    'zh-CN': '对方服务繁忙或正在维护；系统稍后会自动重试。',
  },
  lock: {
    en: 'Something else holds the lock or the query took too long; the task is tried again later by itself.',
    'zh-CN': '资源被其他操作锁定或查询超时；系统稍后会自动重试。',
  },
  format: {
    en: 'Correct the data: its format, fields or values are not what was expected.',
    'zh-CN': '请更正数据：格式、字段或取值不符合要求。',
  },
  constraint: {
    en: 'Correct the data: it breaks a rule of the database, such as a duplicate or missing value.',
    'zh-CN': '请更正数据：违反了数据库约束，例如重复值或缺少必填值。',
  },
  damaged: {
    en: 'The file or the data is damaged or incomplete: fetch or produce it again.',
    'zh-CN': '文件或数据已损坏或不完整：请重新获取或重新生成。',
  },
  credentials: {
    en: 'Check user name, password, key or token; renew what has expired.',
    'zh-CN': '请检查用户名、密码、密钥或令牌是否正确，过期的请更新。',
  },
  certificate: {
    en: 'Check the certificate: its dates, host name and issuer, and that this host trusts the issuer.',
    'zh-CN': '请检查证书的有效期、主机名和签发机构，以及本机是否信任该机构。',
  },
  'remote-rights': {
    en: 'Ask the owner of the service or database to grant this account the right that is missing.',
    'zh-CN': '请联系服务或数据库的管理员，为该账号授予所缺的权限。',
  },
  'missing-part': {
    en: 'Install or create what is missing: a module, program, table or column of the expected version.',
    'zh-CN': '请安装或创建缺少的部分：模块、程序、数据表或字段，并确认版本一致。',
  },
  settings: {
    en: 'Correct the configuration file or set the environment variable that the message names.',
    'zh-CN': '请更正配置文件，或设置错误信息中提到的环境变量。',
  },
  'not-found': {
    en: 'Check the number, name or address: nothing is known under it.',
    'zh-CN': '请核对单号、名称或地址：系统中查不到对应内容。',
  },
  already: {
    en: 'This was done before: check whether anything is left to do.',
    'zh-CN': '该操作此前已经完成：请确认是否还需要处理。',
  },
  funds: {
    en: 'Top up the balance, or pay in another way.',
    'zh-CN': '请充值或更换付款方式。',
  },
  quota: {
    en: 'The plan does not cover this: upgrade it, buy more, or wait for the next period.',
    'zh-CN': '当前套餐或额度不包含此操作：请升级套餐、购买额度或等待下个周期。',
  },
  region: {
    en: 'This is not offered in the region where the task runs.',
    'zh-CN': '该内容在任务所在地区不提供。',
  },
  gone: {
    en: 'The content was removed or made private: choose another source.',
    'zh-CN': '内容已被删除或设为私密：请更换来源。',
  },
  unsupported: {
    en: 'This is not supported: choose a supported courier, site or operation.',
    'zh-CN': '暂不支持：请选择受支持的快递公司、网站或操作。',
  },
  suspended: {
    en: 'The account is locked or suspended: contact the support of the service.',
    'zh-CN': '账号已被锁定或停用：请联系服务方客服。',
  },
  state: {
    en: 'The present state does not allow this: check the order and do what its state allows.',
    'zh-CN': '当前状态不允许此操作：请核对订单状态后再处理。',
  },
  unknown: {
    en: 'The message does not say what went wrong: look at the log of the task, and add a rule if it comes again.',
    'zh-CN': '错误信息无法判断原因：请查看任务日志；如再次出现，可为其添加规则。',
  },
  own: {
    en: 'See docs/errors.md for this code.',
    'zh-CN': '请在 docs/errors.md 中查看该错误码的说明。',
  },
};

/** The built-in categories in people's words. */
export const CATEGORY_TEXTS: Readonly<Record<string, Text>> = {
  recoverable_network: { en: 'a network error', 'zh-CN': '网络错误' },
  recoverable_system: { en: 'a problem of this machine', 'zh-CN': '本机系统错误' },
  recoverable_temporary: { en: 'a service that is not available for now', 'zh-CN': '服务暂时不可用' },
  unrecoverable_data: { en: 'an error in the data', 'zh-CN': '数据错误' },
  unrecoverable_config: { en: 'an error in the configuration', 'zh-CN': '配置错误' },
  unrecoverable_business: { en: 'a business rule', 'zh-CN': '业务规则限制' },
  unknown: { en: 'an unknown error', 'zh-CN': '未知错误' },
};

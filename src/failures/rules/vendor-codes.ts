import { type Advice, type Kind, type Meaning, WEIGHT } from './meaning.ts';

const row = (kind: Kind, advice: Advice, ...numbers: number[]): [number, Meaning][] =>
  numbers.map((number) => [number, { kind, advice, weight: WEIGHT.code }]);

/** MySQL and MariaDB: "Server Error Message Reference" (1000–4999) and "Client Error Message Reference" (2000–2068). */
export const MYSQL: ReadonlyMap<number, Meaning> = new Map([
  ...row('network', 'connection', 1042, 1043, 1053, 1081, 1152, 1153, 1158, 1159, 1160, 1161, 1184),
  ...row('network', 'connection', 2001, 2002, 2003, 2004, 2006, 2012, 2013, 2055),
  ...row('network', 'dns', 2005),
  ...row('network', 'tls', 2026),
  ...row('system', 'disk', 1020, 1021, 1026, 1030, 1114, 1290),
  ...row('system', 'memory', 1037, 1038, 1041, 2008),
  ...row('system', 'files', 1016, 1017, 1023, 1024, 1135),
  ...row('temporary', 'busy', 1040, 1203, 1226, 1129, 1836, 3024, 1969, 1317),
  ...row('temporary', 'lock', 1205, 1213, 1099, 1100, 3572, 1015, 1223),
  ...row('data', 'constraint', 1022, 1048, 1062, 1169, 1216, 1217, 1451, 1452, 1557, 1586, 3819, 4025, 1761, 1762),
  ...row('data', 'format', 1136, 1138, 1232, 1264, 1265, 1291, 1292, 1364, 1366, 1406, 1411, 1416, 1690, 3140, 3141, 4035),
  ...row('data', 'damaged', 1034, 1035, 1194, 1195),
  ...row('config', 'credentials', 1045, 1130, 1251, 1524, 1698, 1862, 2049, 2059, 2061),
  ...row('config', 'remote-rights', 1044, 1095, 1142, 1143, 1227, 1370, 1410),
  ...row('config', 'missing-part', 1046, 1049, 1051, 1054, 1064, 1091, 1109, 1146, 1176, 1305),
]);

/** Oracle: "Database Error Messages"; numbers are those of `ORA-`. */
export const ORACLE: ReadonlyMap<number, Meaning> = new Map([
  ...row('network', 'connection', 3113, 3114, 3135, 12170, 12535, 12537, 12541, 12543, 12545, 12547, 12560, 12571, 12170),
  ...row('system', 'memory', 4030, 4031),
  ...row('system', 'disk', 1653, 1654, 1652, 1658, 257, 19502, 27072),
  ...row('temporary', 'lock', 54, 60, 4021, 30006, 8177, 1013),
  ...row('temporary', 'busy', 18, 20, 1033, 1034, 1089, 1090, 12516, 12519, 12520, 12526, 12528),
  ...row('data', 'constraint', 1, 1400, 1407, 2290, 2291, 2292, 1438, 12899),
  ...row('data', 'format', 1722, 1830, 1839, 1840, 1841, 1843, 1847, 1858, 1861, 6502, 1489, 1426),
  ...row('data', 'damaged', 1578, 600),
  ...row('config', 'credentials', 1005, 1017, 1031, 1045, 28000, 28001),
  ...row('config', 'missing-part', 900, 904, 906, 907, 911, 913, 917, 923, 933, 936, 942, 955, 1918, 4043, 4080, 6550, 12154, 12505, 12514, 12162),
]);

/** Microsoft SQL Server: `sys.messages`. */
export const SQL_SERVER: ReadonlyMap<number, Meaning> = new Map([
  ...row('network', 'connection', 10053, 10054, 10060, 10061, 233, 64, 53, 11001),
  ...row('system', 'memory', 701, 802),
  ...row('system', 'disk', 1101, 1105, 9002, 823, 824),
  ...row('temporary', 'lock', 1204, 1205, 1222, 3960),
  ...row('temporary', 'busy', 10928, 10929, 40197, 40501, 40613, 49918, 49919, 49920, 17809, 4221, 8645, 8651),
  ...row('data', 'constraint', 515, 547, 2601, 2627),
  ...row('data', 'format', 220, 232, 241, 242, 245, 248, 295, 8114, 8115, 8152, 2628, 257),
  ...row('config', 'credentials', 18452, 18456, 18470, 18486, 18487, 18488),
  ...row('config', 'remote-rights', 229, 230, 262, 297, 300, 916),
  ...row('config', 'missing-part', 102, 156, 201, 207, 208, 2812, 4060, 911),
]);

/** MongoDB: `src/mongo/base/error_codes.yml`. */
export const MONGODB: ReadonlyMap<number, Meaning> = new Map([
  ...row('network', 'connection', 6, 7, 89, 9001),
  ...row('temporary', 'busy', 91, 189, 10107, 11600, 11602, 13435, 13436, 50, 262, 202),
  ...row('temporary', 'lock', 24, 46, 112, 117, 251),
  ...row('data', 'constraint', 121, 11000, 11001),
  ...row('data', 'format', 2, 9, 14, 22, 10334),
  ...row('config', 'credentials', 18, 11, 334),
  ...row('config', 'remote-rights', 13, 33),
  ...row('config', 'missing-part', 26, 27, 59, 73),
  ...row('system', 'disk', 14031, 39),
]);

/** curl's exit codes (`man curl`, EXIT CODES). */
export const CURL: ReadonlyMap<number, Meaning> = new Map([
  ...row('data', 'format', 3, 8, 61),
  ...row('network', 'dns', 5, 6),
  ...row('network', 'connection', 7, 16, 18, 52, 55, 56, 92, 95, 96, 97),
  ...row('network', 'timeout', 12, 28),
  ...row('network', 'tls', 35),
  ...row('config', 'credentials', 67),
  ...row('config', 'certificate', 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91),
  ...row('config', 'settings', 1, 2, 4, 45, 47, 48),
  ...row('config', 'remote-rights', 9),
  ...row('system', 'files', 23, 26),
  ...row('system', 'memory', 27),
  ...row('system', 'disk', 70),
  ...row('business', 'not-found', 78),
]);

/** Kafka's protocol error codes by name (`org.apache.kafka.common.protocol.Errors`). */
export const KAFKA_NAMES = {
  network: 'NETWORK_EXCEPTION BROKER_NOT_AVAILABLE _TRANSPORT _ALL_BROKERS_DOWN _RESOLVE',
  temporary:
    'LEADER_NOT_AVAILABLE NOT_LEADER_OR_FOLLOWER NOT_LEADER_FOR_PARTITION COORDINATOR_LOAD_IN_PROGRESS COORDINATOR_NOT_AVAILABLE NOT_COORDINATOR NOT_ENOUGH_REPLICAS REQUEST_TIMED_OUT REBALANCE_IN_PROGRESS THROTTLING_QUOTA_EXCEEDED _QUEUE_FULL KAFKA_STORAGE_ERROR',
  data: 'CORRUPT_MESSAGE RECORD_LIST_TOO_LARGE MESSAGE_TOO_LARGE MSG_SIZE_TOO_LARGE INVALID_RECORD',
  config:
    'TOPIC_AUTHORIZATION_FAILED GROUP_AUTHORIZATION_FAILED CLUSTER_AUTHORIZATION_FAILED SASL_AUTHENTICATION_FAILED UNKNOWN_TOPIC_OR_PARTITION _AUTHENTICATION UNSUPPORTED_SASL_MECHANISM INVALID_CONFIG UNKNOWN_TOPIC_OR_PART',
} as const;

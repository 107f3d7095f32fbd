import { ruleInChinese as deviceRule } from '../device/buttons.ts';

/**
 * The rules of `kiosk.json` as a technician reads them, but for those of boxes (→ src/device). Schemas state each rule
 * once, in English, beside what they check; here is its Chinese. A rule that is missing here makes a test fail.
 */
const RULES: readonly (readonly [rule: RegExp, chinese: string])[] = [
  // The file.
  [/^a settings file of at most (.*) bytes$/, '设置文件不超过 $1 字节'],
  [
    /^a readable settings file; make one or name it with --yiping-config=$/,
    '可以读取的设置文件；请新建一个，或用 --yiping-config= 指明',
  ],
  [
    /^JSON; see docs\/configuration\.md for a whole example$/,
    '有效的 JSON；完整示例见 docs/configuration.md',
  ],
  [/^Unrecognized keys?: (.*)$/, '没有 $1 这个字段，请删除或改正拼写'],

  // What many fields are.
  [/^must be 3–64 letters, digits or dashes$/, '必须是 3–64 个字母、数字或连字符'],
  [/^must be 1–40 letters, digits or dashes$/, '必须是 1–40 个字母、数字或连字符'],
  [/^must be 16–64 letters, digits, dashes or underscores$/, '必须是 16–64 个字母、数字、连字符或下划线'],
  [
    /^must be 1–64 letters, digits, dots, dashes or underscores$/,
    '必须是 1–64 个字母、数字、点、连字符或下划线',
  ],
  [/^must be a time zone such as (.*)$/, '必须是时区，例如 $1'],
  [/^must name an indicator pack, such as (.*)$/, '必须是指标包的名称，例如 $1'],
  [/^Invalid base64-encoded string$/, '必须是 base64'],
  [/^Invalid IPv4 address$/, '必须是 IPv4 地址'],

  // Addresses.
  [/^must be an address that begins with (.*) or (.*)$/, '必须是以 $1 或 $2 开头的地址'],
  [/^must be scheme, host and port only, such as (.*)$/, '只能是协议、主机和端口，例如 $1'],
  [/^must be (\w+:\/\/\S*) or (\w+:\/\/\S*)$/, '必须是 $1 或 $2'],
  [
    /^must not hold a user name, a password or a #fragment$/,
    '不能含有用户名、密码或 # 片段；用户名和密码另有各自的设置',
  ],
  [
    /^must not hold a user name, a password or a path$/,
    '不能含有用户名、密码或路径；用户名和密码另有各自的设置',
  ],
  [/^must be an origin like (.*)$/, '必须是网站来源，例如 $1'],
  [/^must be an IP address of this machine$/, '必须是本机的 IP 地址'],
  [/^must be one address, not all of them$/, '必须是某一个地址，不能是全部地址'],
  [/^must be IP addresses$/, '必须是 IP 地址'],
  [/^must look like (\/.*)$/, '必须形如 $1'],

  // Queue systems.
  [/^must be view or schema\.view$/, '必须是“视图”或“模式.视图”'],
  [
    /^must be letters, digits, _ or \$, and not begin with a digit$/,
    '必须是字母、数字、_ 或 $$，且不以数字开头',
  ],
  [/^must be a topic without \+, # and \/ at its ends$/, '必须是主题：不含 + 和 #，两端没有 /'],
  [
    /^must name who may send, or keyFile must be set: anybody in the network could call up cases$/,
    '必须指明谁可以发送，或设置 keyFile：否则网络中任何人都能呼叫办件',
  ],
  [
    /^must be hmac, or tls must be set: anybody in the network could read the key$/,
    '必须是 hmac，或设置 tls：否则网络中任何人都能读到密钥',
  ],
  [/^must be given, or notify: else there is nothing to hear$/, '必须填写此项或 notify：否则收不到叫号'],
  [/^must be given together with url$/, '必须与 url 一起填写'],
  [
    /^must be longer than probeEveryMs, or every pause between two probes is a loss$/,
    '必须大于 probeEveryMs，否则两次探测之间的每次停顿都算断开',
  ],
  [/^must be there with passwordFile$/, '有 passwordFile 时必须填写'],
  [/^must be there with certFile, and certFile with keyFile$/, 'certFile 与 keyFile 必须一起填写'],
  [/^must be the digits before the function key$/, '必须是功能键之前输入的数字'],
  [/^must name the office of this counter, e\.g\. (.*)$/, '必须指明本窗口的办公室，例如 $1'],

  // Keys.
  [/^must hold a key of the queue system$/, '至少要有叫号系统的一个密钥'],
  [/^must not give one id to two keys$/, '两个密钥的 id 不能相同'],
  [
    /^must be base64 of a raw public key: 32 bytes for EdDSA \(and no point of small order\), 65 bytes that begin with 04 for SM2$/,
    '必须是原始公钥的 base64：EdDSA 为 32 字节（不能是低阶点），SM2 为以 04 开头的 65 字节',
  ],
  [
    /^must be base64 of a raw public key of (\d+) bytes, as suite (\S+) seals with (\S+)$/,
    '必须是 $1 字节原始公钥的 base64：算法套件 $2 用 $3 加密',
  ],

  // Boxes in one place.
  [
    /^(\S+ \(.*\)) and (\S+ \(.*\)) are in one place: must be of the same model, or in two places$/,
    '$1 与 $2 在同一位置：必须是同一型号，或接在两个位置',
  ],
  [
    /^(\S+ \(.*\)) and (\S+ \(.*\)) are in one place: each must have an address of its own, or one of them must go$/,
    '$1 与 $2 在同一位置：必须各有自己的地址，或去掉其中一个',
  ],
];

/** @returns the rule in Chinese with its English behind; in English alone where nobody has translated it. */
export function readableRule(rule: string): string {
  const found = RULES.find(([pattern]) => pattern.test(rule));
  const chinese = found ? rule.replace(found[0], found[1]) : deviceRule(rule);
  return chinese === undefined ? rule : `${chinese}（${rule}）`;
}

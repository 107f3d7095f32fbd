/**
 * The rules of models and settings as a technician reads them. Schemas state each rule once, in English, beside what
 * they check; here is its Chinese. A rule that is missing here makes a test fail.
 */
const RULES: readonly (readonly [rule: RegExp, chinese: string])[] = [
  // A file, its names and its fields.
  [/^must be JSON: (.*)$/, '不是有效的 JSON：$1'],
  [/^must be readable: (.*)$/, '无法读取：$1'],
  [/^must not be there twice$/, '重复出现，只能有一个'],
  [/^must not be there: the format has no such field$/, '没有这个字段，请删除或改正拼写'],
  [/^must be "(.*)", as the file is named$/, '必须是“$1”，与文件名一致'],
  [
    /^"(.*)" is taken by (.*); rename one of the two, or remove it$/,
    '“$1”已被 $2 使用；请改名或删除其中一个',
  ],
  [
    /^no model "(.*)" can be read there; name one whose file exists$/,
    '这里没有型号“$1”；请填写已有文件的型号',
  ],
  [/^must be 2–40 small letters, digits or dashes$/, '必须是 2–40 个小写字母、数字或连字符'],
  [/^must be well-formed Unicode$/, '必须是有效的 Unicode 文字'],
  [/^must not hold control characters$/, '不能含有控制字符'],
  [/^must be four small hexadecimal digits, such as (.*)$/, '必须是四位小写十六进制数，例如 $1'],

  // Keys, outputs and what proves them.
  [/^must not hold the same code twice$/, '键码不能重复'],
  [/^must not hold the same output twice$/, '输出不能重复'],
  [/^must hold a key, or "outputs" an output$/, '至少要有一个键，或在 outputs 中有一个输出'],
  [/^must be 1–16 characters without spaces, such as (.*)$/, '必须是 1–16 个不含空格的字符，例如 $1'],
  [/^"(.*)" must have its place in (.*)$/, '键“$1”必须写进 $2'],
  [/^"(.*)" must have a vector: bytes that press it$/, '键“$1”必须有一条测试向量：按下它的字节'],
  [/^must not be there: "keys" has no "(.*)"$/, '请删除：keys 中没有“$1”'],
  [/^must be a key of this model: it has no "(.*)"$/, '必须是本型号的键：没有“$1”'],
  [/^must be said by the framing: "(.*)" has no "(.*)" here$/, '帧格式“$1”没有规定输出“$2”的字节'],
  [/^must have an output vector: the bytes of "(.*)"$/, '必须有一条输出测试向量：“$1”的字节'],
  [/^must not be there: "outputs" does not name it$/, '请删除：outputs 中没有它'],
  [/^must be an output of this model: it has no "(.*)"$/, '必须是本型号的输出：没有“$1”'],
  [
    /^must press (.*): the framing makes (.*) of them$/,
    '应当按下 $1，但按帧格式得到的是 $2（nothing 表示没有）',
  ],
  [/^must be what the framing says: (.*)$/, '与帧格式得出的不一致，应为：$1'],
  [/^must be up to six digits and blanks$/, '最多六个数字和空格'],
  [
    /^must be at most two thirds of "debounceMs", or each repetition is a press$/,
    '不能超过 debounceMs 的三分之二，否则每次重复都算一次按键',
  ],

  // Bytes and frames.
  [/^"(.*)" travels on transport "(.*)", not on "(.*)"$/, '帧格式“$1”只能用于传输方式“$2”，不能用于“$3”'],
  [
    /^must be 2–64 pairs or (.*), with a space between, such as (.*)$/,
    '必须是 2–64 组，每组是两位大写十六进制数或 $1，之间用空格隔开，例如 $2',
  ],
  [/^must be 1–64 pairs such as (.*)$/, '必须是 1–64 组两位大写十六进制数，例如 $1'],
  [
    /^must be one byte: two capital hexadecimal digits, such as (.*)$/,
    '必须是一个字节：两位大写十六进制数，例如 $1',
  ],
  [/^must begin with a byte that never changes$/, '必须以一个固定不变的字节开头'],
  [/^must have (\{.*\}) at most once$/, '$1 最多出现一次'],
  [/^must have (\{.*\}) exactly once$/, '$1 必须恰好出现一次'],
  [/^must have \{check\} nowhere: the check is "(.*)"$/, '不能有 {check}：校验方式是“$1”'],
  [/^must have \{check\} exactly once: the check is "(.*)"$/, '{check} 必须恰好出现一次：校验方式是“$1”'],
  [
    /^must have \{check\} behind byte (.*), where it begins to count$/,
    '{check} 必须在第 $1 字节之后：校验从那里算起',
  ],
  [
    /^without a check must have at least two bytes that never change$/,
    '没有校验时，至少要有两个固定不变的字节',
  ],
  [/^must not give two keys the same (?:byte|place|text)$/, '两个键不能相同'],
  [/^must be 1–16 printable characters$/, '必须是 1–16 个可打印字符'],
  [/^must be 1–4 bytes$/, '必须是 1–4 个字节'],
  [
    /^must be 1–64 printable characters with (.*) among them, such as (.*)$/,
    '必须是 1–64 个可打印字符，其中可有 $1，例如 $2',
  ],
  [
    /^must have a character between two of (.*): nobody could tell where one ends$/,
    '$1 之间必须隔着字符，否则分不清界限',
  ],
  [/^must be below (.*), the bytes of the report$/, '必须小于 $1，即报告的字节数'],
  [/^must not give a key the byte 00: it says that none is down$/, '键的字节不能是 00：它表示没有按键'],
  [/^must not have a usage below 04: those are no keys$/, 'usage 不能小于 04：那些不是键'],
  [/^must not have the same usage twice, nor one that is ignored$/, 'usage 不能重复，也不能是被忽略的'],
  [/^must be "bit": functions 1 and 2 read bits$/, '必须是“bit”：功能码 1 和 2 读的是位'],
  [/^must be at most pollMs, (.*)$/, '不能大于 pollMs（$1）'],
  [
    /^must be at most (.*) where (.*) boxes share a line, or one that is gone is noticed too late; shorten it, or give a box a line of its own$/,
    '$2 个评价器共用一条线路时不能大于 $1，否则评价器断开后不能及时发现；请改小，或让其中的评价器单独使用一条线路',
  ],
  [/^must be below (.*), the bits that are read$/, '必须小于 $1，即读取的位数'],
  [/^must be below (.*), the registers that are read$/, '必须小于 $1，即读取的寄存器数'],

  // What a site says of its box.
  [
    /^must name a level 1–5 or an act: the keys of this model are (.*)$/,
    '必须填 1–5 级或一个动作：本型号的键是 $1',
  ],
  [/^must not be there: the keys of this model are (.*)$/, '请删除：本型号的键是 $1'],
  [/^must not be there: this model has no keys$/, '请删除：本型号没有键'],
  [
    /^must not be there: a pad that types is named by usbSerial or usbPort$/,
    '请删除：键盘式评价器用 usbSerial 或 usbPort 指明',
  ],
  [
    /^must be named, or usbSerial or usbPort: this model says nothing of itself on USB$/,
    '必须填写，或填 usbSerial、usbPort：本型号在 USB 上不说明自己',
  ],
  [/^must name at most one of path, usbSerial and usbPort$/, 'path、usbSerial、usbPort 只能填一个'],
  [/^must name a device model, such as (.*)$/, '必须是评价器型号，例如 $1'],
  [/^must be an absolute path, such as (.*)$/, '必须是绝对路径，例如 $1'],
  [/^must be a USB port, such as (.*)$/, '必须是 USB 端口，例如 $1'],
  [/^must be a key code$/, '必须是键码'],

  // As the schema library states what every schema has.
  [/^Invalid input: expected (.*), received undefined$/, '缺少此项，应为 $1'],
  [/^Invalid input: expected (.*), received (.*)$/, '应为 $1，现为 $2'],
  [/^Invalid input: expected (.*)$/, '应为 $1'],
  [/^Invalid option: expected one of (.*)$/, '只能是其中之一：$1'],
  [/^Invalid discriminator value\. Expected (.*)$/, '只能是其中之一：$1'],
  [/^Too big: expected \S+ to (?:be|have) <=?(.*)$/, '过大或过长：最多 $1'],
  [/^Too small: expected \S+ to (?:be|have) >=?(.*)$/, '过小或过短：至少 $1'],
  [/^Invalid (?:input|key in record)$/, '不在允许的取值之内'],
];

/** @returns undefined for a rule that nobody has translated. */
export function ruleInChinese(rule: string): string | undefined {
  const found = RULES.find(([pattern]) => pattern.test(rule));
  return found && rule.replace(found[0], found[1]);
}

import type { Level } from '../../shared/words.ts';

/**
 * Every word the citizen reads, in the first language. Sentences that hold a large number come as the words
 * before and after it. A count that the eye sees as signs (stars) is spoken in words.
 */
export const zhCn = {
  brand: '一评',
  counter: { before: '', after: '号窗口' },
  counterLabel: (number: string) => (/^[\w-]+$/.test(number) ? `${number} 号窗口` : number),
  ticketLabel: (number: string) => `${number} 号`,
  clerkNumber: (number: string) => `工号 ${number}`,
  clerkStars: (stars: number) => `服务星级：${stars} 星`,
  otherLanguage: 'English',

  idle: { rateLater: '办理完成后，请您评价' },
  serving: { before: '正在为', after: '号办理', withoutNumber: '正在为您办理' },

  inviting: {
    question: '请您对本次服务作出评价',
    howTo: '请按一下最符合您感受的表情',
    decline: '不评价',
    faces: '满意程度',
  },
  levels: {
    5: '非常满意',
    4: '满意',
    3: '基本满意',
    2: '不满意',
    1: '非常不满意',
  } satisfies Record<Level, string>,
  chosen: {
    recorded: (level: string) => `已记下：${level}`,
    change: (seconds: number) => `${seconds} 秒内可改选`,
    confirm: '确定',
  },
  notRecorded: '刚才没有记下，请再按一次',

  details: {
    question: '哪些方面让您有这样的感受？',
    howTo: '可多选，也可不选',
    /** The keys in the order of the five faces, the best one's first. */
    howToByKeys: '按键从“非常满意”起依次为：勾选 · 下一项 · 上一项 · 求助 · 完成',
    help: '需要工作人员现在来帮我',
    helpNoted: '已记下，会通知值班人员来帮您',
    finish: '完成',
    indicators: '评价指标',
  },

  thanks: {
    title: '谢谢您的评价',
    receipt: '回执编号',
    scan: '扫码可查验：已冻结、未改动、已送达',
    qr: '回执二维码',
  },

  paused: {
    title: '暂停服务',
    advice: '请您稍候，或到其他窗口办理',
  },
  outOfService: {
    store: {
      title: '评价暂停',
      advice: '请扫码评价，或稍后再试',
      reason: '评价记录暂时无法保存，工作人员会来处理',
    },
    diskFull: {
      title: '评价暂停',
      advice: '请扫码评价，或稍后再试',
      reason: '本机存储空间已满，工作人员会来处理',
    },
    core: { title: '评价暂停', advice: '请扫码评价，或稍后再试', reason: '评价程序正在恢复，通常只需几秒' },
    config: { title: '评价暂停', advice: '请扫码评价，或稍后再试', reason: '本机设置需要工作人员检查' },
    queue: { title: '评价暂停', advice: '业务照常办理', reason: '暂时连接不上叫号系统，连上后自动恢复评价' },
    starting: { title: '正在准备', advice: '请稍候', reason: '' },
  },
};
